SELECT version, position, hash, state FROM public.projection_checkpoints WHERE name = $1 AND slot = 'live'
