SELECT position, recorded_at, append_id, aggregate_type, aggregate_id, sequence, event_type, event_version,
       payload::text AS payload, metadata::text AS metadata, hash
FROM events
WHERE position > $1
ORDER BY position
LIMIT $2
