SELECT id, state::text, created_at, updated_at FROM states
WHERE type = $1 AND owner_id = $2 AND name_key = $3
ORDER BY created_at, id
LIMIT 1
