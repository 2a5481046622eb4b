INSERT INTO public.projection_checkpoints (name, slot, version, position, hash, state)
VALUES ($1, 'live', $2, $3, $4, 'following')
