SELECT k.id, k.user_id, k.origin, k.login_type, k.scope, k.token_name, k.lifetime_seconds, k.expires_at, k.created_at,
       k.updated_at, l.last_used_at
FROM api_keys AS k
LEFT JOIN api_key_last_used AS l ON l.key_id = k.id
WHERE k.user_id = $1
ORDER BY k.created_at, k.id
