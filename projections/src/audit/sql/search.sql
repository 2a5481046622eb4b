-- Positions of the entries that match, newest first. For each kind an index gives the newest in order, so that no more rows are
-- read than are wanted. Planned for its parameters: what is null falls away, and the rarest of the rest is looked up.
SELECT e.position
FROM unnest($1::integer[]) AS k (kind)
CROSS JOIN LATERAL (
    SELECT e.position
    FROM audit_entries AS e
    WHERE e.kind = k.kind AND e.facet_of = $2
      AND ($3::uuid IS NULL OR e.facet = $3)
      AND ($4::uuid IS NULL OR e.user_id = $4)
      AND ($5::uuid IS NULL OR e.request_id = $5)
      AND e.position >= $6 AND e.position < $7
      AND ($8::uuid IS NULL OR (
          SELECT t.facet FROM audit_entries AS t
          WHERE t.kind = e.kind AND t.facet_of = 0 AND t.position = e.position) = $8)
      AND ($9::uuid IS NULL OR (
          SELECT r.facet FROM audit_entries AS r
          WHERE r.kind = e.kind AND r.facet_of = 1 AND r.position = e.position) = $9)
      AND ($10::uuid IS NULL OR (
          SELECT o.facet FROM audit_entries AS o
          WHERE o.kind = e.kind AND o.facet_of = 2 AND o.position = e.position) = $10)
    ORDER BY e.position DESC
    LIMIT $11
) AS e
ORDER BY e.position DESC
LIMIT $11
