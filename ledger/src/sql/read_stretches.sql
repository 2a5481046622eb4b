-- Qualified: a projection calls it too, whose names resolve in a schema of its own.
SELECT e.position, e.recorded_at, e.append_id, e.aggregate_type, e.aggregate_id, e.sequence, e.event_type, e.event_version,
       e.payload::text AS payload, e.metadata::text AS metadata, e.hash
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS s (aggregate_type, aggregate_id, after, until)
CROSS JOIN LATERAL (
    SELECT *
    FROM public.events AS e
    WHERE e.aggregate_type = s.aggregate_type AND e.aggregate_id = s.aggregate_id AND e.sequence > s.after
      AND e.position <= s.until
    ORDER BY e.sequence
    -- One look-up in the primary key for each stretch, however many events the planner expects.
    OFFSET 0
) AS e
ORDER BY e.position
