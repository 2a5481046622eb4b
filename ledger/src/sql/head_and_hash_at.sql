SELECT h.position, h.hash, h.recorded_at, (SELECT e.hash FROM events e WHERE e.position = $1) AS hash_then
FROM ledger_head h
