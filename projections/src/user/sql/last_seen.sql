SELECT last_seen_at FROM user_last_seen WHERE user_id = $1
