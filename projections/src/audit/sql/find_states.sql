-- The last state of each of these streams before an event.
SELECT w.index, s.sequence, s.state, s.created_at, s.updated_at
FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS w (aggregate_type, aggregate_id, sequence, index)
CROSS JOIN LATERAL (
    SELECT s.sequence, s.state, s.created_at, s.updated_at
    FROM audit_states AS s
    WHERE s.aggregate_type = w.aggregate_type AND s.aggregate_id = w.aggregate_id AND s.sequence < w.sequence
    ORDER BY s.sequence DESC
    LIMIT 1
) AS s
