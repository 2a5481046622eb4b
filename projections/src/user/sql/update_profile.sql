UPDATE users SET username = $2, name = $3, updated_at = $4 WHERE id = $1 RETURNING email
