SELECT k.id, k.user_id, k.origin, k.login_type, k.scope, k.token_name, k.lifetime_seconds, k.expires_at, k.created_at,
       k.updated_at, l.last_used_at, u.username
FROM api_keys AS k
JOIN users AS u ON u.id = k.user_id
LEFT JOIN api_key_last_used AS l ON l.key_id = k.id
WHERE k.origin = 'token'
ORDER BY k.created_at, k.id
