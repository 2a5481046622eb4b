-- The live row and, as of the same moment, what the log has at its position and where the log ends.
SELECT c.version, c.position, c.hash, c.state, e.hash AS hash_in_log, h.position AS head
FROM public.projection_checkpoints c
CROSS JOIN public.ledger_head h
LEFT JOIN public.events e ON e.position = c.position
WHERE c.name = $1 AND c.slot = 'live'
