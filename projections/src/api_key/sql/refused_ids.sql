SELECT k.id
FROM api_keys AS k
LEFT JOIN users AS u ON u.id = k.user_id
WHERE k.user_id = $1 AND (u.id IS NULL OR k.credential_generation <> u.credential_generation)
ORDER BY k.created_at, k.id
LIMIT $2
