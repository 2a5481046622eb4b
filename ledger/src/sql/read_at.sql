SELECT e.position, e.recorded_at, e.append_id, e.aggregate_type, e.aggregate_id, e.sequence, e.event_type, e.event_version,
       e.payload::text AS payload, e.metadata::text AS metadata, e.hash
FROM events AS e
WHERE e.position = ANY ($1)
ORDER BY e.position
