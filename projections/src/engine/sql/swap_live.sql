-- Makes the live row say what was rebuilt, if the log has the point up to which it was.
UPDATE public.projection_checkpoints
SET version = $2, position = $3, hash = $4, state = 'following',
    error = NULL, error_position = NULL, error_event = NULL, updated_at = now()
WHERE name = $1 AND slot = 'live'
  AND ($3 = 0 OR EXISTS (SELECT FROM public.events e WHERE e.position = $3 AND e.hash = $4))
