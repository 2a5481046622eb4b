SELECT id, state::text, created_at, updated_at FROM states WHERE type = $1 AND id = ANY($2)
