UPDATE users SET credentials_valid_after = $2, updated_at = $2 WHERE id = $1
