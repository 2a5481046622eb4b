SELECT id
FROM oauth2_grants
WHERE user_id = $1 AND issued_at <= $2 AND ended_at IS NULL
ORDER BY issued_at, id
LIMIT $3
