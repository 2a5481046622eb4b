-- The keys that begin with some families' names, which end in a colon, and the head at which that is so. A semicolon is the
-- character after the colon.
SELECT n.number, u.key, u.aggregate_type AS holder_type, u.aggregate_id AS holder_id,
       h.position AS head_position, h.hash AS head_hash, h.recorded_at AS head_recorded_at
FROM ledger_head AS h
CROSS JOIN unnest($1::text[]) WITH ORDINALITY AS n (family, number)
LEFT JOIN unique_keys AS u ON u.key > n.family AND u.key < left(n.family, -1) || ';'
ORDER BY n.number, u.key
