SELECT m.group_id
FROM group_members AS m
JOIN groups AS g ON g.id = m.group_id
WHERE m.user_id = $2 AND g.organization_id = $1
ORDER BY m.group_id
