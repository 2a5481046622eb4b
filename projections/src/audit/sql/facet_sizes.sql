-- How many rows each of these facets has, up to so many.
SELECT count(e.position)
FROM unnest($1::uuid[], $2::smallint[]) WITH ORDINALITY AS f (facet, facet_of, index)
LEFT JOIN LATERAL (
    SELECT e.position
    FROM audit_entries AS e
    WHERE e.facet = f.facet AND e.facet_of = f.facet_of
    LIMIT $3
) AS e ON true
GROUP BY f.index
ORDER BY f.index
