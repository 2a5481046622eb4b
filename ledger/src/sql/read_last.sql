SELECT e.position, e.recorded_at, e.append_id, e.aggregate_type, e.aggregate_id, e.sequence, e.event_type, e.event_version,
       e.payload::text AS payload, e.metadata::text AS metadata, e.hash
FROM unnest($1::text[], $2::text[]) AS s (aggregate_type, aggregate_id)
CROSS JOIN LATERAL (
    SELECT *
    FROM events AS e
    WHERE e.aggregate_type = s.aggregate_type AND e.aggregate_id = s.aggregate_id
    ORDER BY e.sequence DESC
    LIMIT 1
) AS e
ORDER BY e.position
