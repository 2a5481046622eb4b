UPDATE users SET quiet_hours_schedule = $2, updated_at = $3 WHERE id = $1
