DELETE FROM group_members AS m
USING groups AS g
WHERE g.organization_id = $1 AND m.group_id = g.id
