-- Moves the live row from one point of the log to the next, if it is there and the log has the next.
UPDATE public.projection_checkpoints
SET position = $5, hash = $6, updated_at = now()
WHERE name = $1 AND slot = 'live' AND version = $2 AND position = $3 AND hash = $4 AND state = 'following'
  AND EXISTS (SELECT FROM public.events e WHERE e.position = $5 AND e.hash = $6)
