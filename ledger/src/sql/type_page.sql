-- In global order: walks the index on position. Replaying one type of a ledger with many is a rare, offline job.
SELECT position, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata
FROM events
WHERE aggregate_type = $1 AND position > $2
ORDER BY position
LIMIT $3
