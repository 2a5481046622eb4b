DELETE FROM states AS s
USING unnest($1::text[], $2::text[]) AS gone (type, id)
WHERE s.type = gone.type AND s.id = gone.id
