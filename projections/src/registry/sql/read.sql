-- The rows that a batch builds on.
SELECT s.type, s.id, s.state::text, s.created_at, s.updated_at
FROM unnest($1::text[], $2::text[]) AS wanted (type, id)
JOIN states AS s ON s.type = wanted.type AND s.id = wanted.id
