-- Who holds some keys, and the head at which that is so.
SELECT n.number, u.aggregate_type AS holder_type, u.aggregate_id AS holder_id,
       h.position AS head_position, h.hash AS head_hash, h.recorded_at AS head_recorded_at
FROM ledger_head AS h
CROSS JOIN unnest($1::text[]) WITH ORDINALITY AS n (key, number)
LEFT JOIN unique_keys AS u ON u.key = n.key
ORDER BY n.number
