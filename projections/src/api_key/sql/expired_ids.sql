SELECT id FROM api_keys WHERE expires_at < $1 ORDER BY expires_at LIMIT $2
