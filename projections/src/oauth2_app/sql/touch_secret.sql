INSERT INTO oauth2_app_secret_last_used AS l (secret_id, last_used_at)
VALUES ($1, $2)
ON CONFLICT (secret_id) DO UPDATE SET last_used_at = excluded.last_used_at
WHERE l.last_used_at <= excluded.last_used_at - interval '1 minute'
