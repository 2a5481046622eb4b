-- No follower applies until the transaction ends.
SELECT version, position, hash, state FROM public.projection_checkpoints WHERE name = $1 AND slot = 'live' FOR UPDATE
