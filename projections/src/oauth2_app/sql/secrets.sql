SELECT s.id, s.app_id, s.display_secret, s.created_at, l.last_used_at
FROM oauth2_app_secrets AS s
LEFT JOIN oauth2_app_secret_last_used AS l ON l.secret_id = s.id
WHERE s.app_id = $1
ORDER BY s.created_at, s.id
