UPDATE group_members AS m
SET departed = true
FROM groups AS g
WHERE m.user_id = $2 AND NOT m.departed AND g.id = m.group_id AND g.organization_id = $1
RETURNING m.group_id
