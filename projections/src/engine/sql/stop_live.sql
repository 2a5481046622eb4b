UPDATE public.projection_checkpoints
SET state = 'stopped', error = $4, error_position = $5, error_event = $6, updated_at = now()
WHERE name = $1 AND slot = 'live' AND position = $2 AND hash = $3
