SELECT id, state::text, created_at, updated_at FROM states
WHERE type = $1 AND owner_id = $2
ORDER BY name_key, created_at, id
LIMIT $3 OFFSET $4
