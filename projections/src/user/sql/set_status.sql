UPDATE users AS u
SET status = $2, updated_at = $3
FROM (SELECT id, status FROM users WHERE id = $1) AS before
WHERE u.id = before.id
RETURNING before.status
