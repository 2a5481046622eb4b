-- What each of these was called at a position.
SELECT w.index, n.name, n.icon
FROM unnest($1::text[], $2::uuid[], $3::bigint[]) WITH ORDINALITY AS w (resource_type, resource_id, position, index)
CROSS JOIN LATERAL (
    SELECT n.name, n.icon
    FROM audit_names AS n
    WHERE n.resource_type = w.resource_type AND n.resource_id = w.resource_id AND n.since <= w.position
    ORDER BY n.since DESC
    LIMIT 1
) AS n
