-- Through the primary key: meant for types of few events.
SELECT position, recorded_at, append_id, aggregate_type, aggregate_id, sequence, event_type, event_version,
       payload::text AS payload, metadata::text AS metadata, hash
FROM events
WHERE aggregate_type = ANY ($1) AND position <= $2
ORDER BY position
