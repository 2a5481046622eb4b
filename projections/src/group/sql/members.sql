SELECT m.group_id, u.id, u.username, u.name, u.email, u.created_at, u.updated_at, s.last_seen_at, u.status, u.login_type
FROM (
    SELECT g.group_id, g.user_id FROM group_members AS g WHERE g.group_id = ANY ($1) AND NOT g.departed
    UNION ALL
    SELECT o.organization_id, o.user_id FROM organization_members AS o WHERE o.organization_id = ANY ($1)
) AS m
JOIN users AS u ON u.id = m.user_id
LEFT JOIN user_last_seen AS s ON s.user_id = u.id
ORDER BY m.group_id, lower(u.username)
