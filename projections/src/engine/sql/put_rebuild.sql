INSERT INTO public.projection_checkpoints (name, slot, version, position, hash, state)
VALUES ($1, 'rebuild', $2, $3, $4, 'following')
ON CONFLICT (name, slot) DO UPDATE
SET version = excluded.version, position = excluded.position, hash = excluded.hash, updated_at = now()
