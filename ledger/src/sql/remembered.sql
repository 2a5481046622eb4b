-- The head, and the hash that the log has at a position ($1). Asked on connections of any search_path.
SELECT h.position, h.hash, (SELECT e.hash FROM public.events e WHERE e.position = $1) AS hash_there
FROM public.ledger_head h
