SELECT lower(u.username) AS username, u.id AS user_id
FROM users AS u
JOIN organization_members AS m ON m.user_id = u.id AND m.organization_id = $1
WHERE lower(u.username) = ANY ($2)
