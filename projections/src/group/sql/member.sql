SELECT m.group_id, u.id, u.username, u.name, u.email, u.created_at, u.updated_at, s.last_seen_at, u.status, u.login_type
FROM (
    SELECT g.group_id FROM group_members AS g WHERE g.user_id = $2 AND g.group_id = ANY ($1) AND NOT g.departed
    UNION ALL
    SELECT o.organization_id FROM organization_members AS o WHERE o.user_id = $2 AND o.organization_id = ANY ($1)
) AS m
CROSS JOIN users AS u
LEFT JOIN user_last_seen AS s ON s.user_id = u.id
WHERE u.id = $2
ORDER BY m.group_id
