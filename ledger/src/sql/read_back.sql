SELECT append_id, aggregate_type, aggregate_id, sequence, position, recorded_at, hash
FROM events
WHERE position > $1 AND append_id = ANY ($2)
ORDER BY position
