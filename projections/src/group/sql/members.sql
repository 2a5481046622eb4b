-- A group is one of everyone or has members of its own: one of the two is empty.
SELECT m.group_id, u.id, u.username, u.name, u.email, u.created_at, u.updated_at, s.last_seen_at, u.status, u.login_type
FROM unnest($1::uuid[]) AS g (id)
CROSS JOIN LATERAL (
    (SELECT g.id AS group_id, m.user_id, m.name_key
     FROM group_members AS m
     WHERE m.group_id = g.id AND NOT m.departed AND ($2::uuid IS NULL OR m.user_id = $2)
     ORDER BY m.name_key, m.user_id
     LIMIT $3 OFFSET $4)
    UNION ALL
    (SELECT g.id, m.user_id, m.name_key
     FROM organization_members AS m
     WHERE m.organization_id = g.id AND ($2::uuid IS NULL OR m.user_id = $2)
     ORDER BY m.name_key, m.user_id
     LIMIT $3 OFFSET $4)
) AS m
JOIN users AS u ON u.id = m.user_id
LEFT JOIN user_last_seen AS s ON s.user_id = u.id
ORDER BY m.group_id, m.name_key, m.user_id
