SELECT id, status FROM users WHERE id = ANY ($1)
