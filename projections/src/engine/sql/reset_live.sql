UPDATE public.projection_checkpoints
SET state = 'following', error = NULL, error_position = NULL, error_event = NULL, updated_at = now()
WHERE name = $1 AND slot = 'live' AND state = 'stopped'
