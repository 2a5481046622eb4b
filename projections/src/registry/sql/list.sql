SELECT id, state::text, created_at, updated_at FROM states
WHERE type = $1
ORDER BY name_key, created_at, id
LIMIT $2 OFFSET $3
