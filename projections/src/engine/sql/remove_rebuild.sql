DELETE FROM public.projection_checkpoints WHERE name = $1 AND slot = 'rebuild'
