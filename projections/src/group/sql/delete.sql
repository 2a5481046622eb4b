-- One group, or those of an organization: the other parameter is null.
WITH gone AS (
    DELETE FROM groups WHERE id = $1 OR organization_id = $2 RETURNING id
)
DELETE FROM group_members AS m
USING gone
WHERE m.group_id = gone.id
