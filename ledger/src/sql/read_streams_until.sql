SELECT e.position, e.recorded_at, e.append_id, e.aggregate_type, e.aggregate_id, e.sequence, e.event_type, e.event_version,
       e.payload::text AS payload, e.metadata::text AS metadata, e.hash
FROM unnest($1::text[], $2::text[]) AS s (aggregate_type, aggregate_id)
JOIN events AS e ON e.aggregate_type = s.aggregate_type AND e.aggregate_id = s.aggregate_id
WHERE e.position <= $3
ORDER BY e.position
