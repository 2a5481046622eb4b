SELECT quiet_hours_schedule FROM users WHERE id = $1
