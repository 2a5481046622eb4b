SELECT m.organization_id, m.roles, m.created_at, m.updated_at,
       u.id AS user_id, u.username, u.email, u.name, u.roles AS site_roles
FROM organization_members AS m
JOIN users AS u ON u.id = m.user_id
WHERE m.organization_id = $1
ORDER BY m.created_at, m.user_id
LIMIT $2 OFFSET $3
