-- Positions of those of a stream's events that leave entries that match, newest first.
SELECT e.position
FROM unnest($1::bigint[]) AS p (position)
CROSS JOIN LATERAL (
    SELECT e.position
    FROM audit_entries AS e
    WHERE e.kind = ANY ($2) AND e.facet_of = 0 AND e.position = p.position
      AND ($3::uuid IS NULL OR e.facet = $3)
      AND ($4::uuid IS NULL OR e.user_id = $4)
      AND ($5::uuid IS NULL OR e.request_id = $5)
    LIMIT 1
) AS e
ORDER BY e.position DESC
LIMIT $6
