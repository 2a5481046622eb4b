SELECT key_id, last_used_at FROM api_key_last_used WHERE key_id = ANY ($1)
