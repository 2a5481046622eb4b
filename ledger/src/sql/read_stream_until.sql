SELECT position, recorded_at, append_id, aggregate_type, aggregate_id, sequence, event_type, event_version,
       payload::text AS payload, metadata::text AS metadata, hash
FROM events
WHERE aggregate_type = $1 AND aggregate_id = $2 AND position <= $3
ORDER BY sequence
