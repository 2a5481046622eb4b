SELECT m.user_id
FROM organization_members AS m
JOIN users AS u ON u.id = m.user_id
WHERE m.organization_id = $1 AND m.user_id = ANY ($2)
