-- An organization may be deleted at the same moment as a group is made in it.
INSERT INTO groups (id, organization_id, state, member_count)
SELECT $1, o.id, $3, 0
FROM organizations AS o
WHERE o.id = $2
ON CONFLICT (id) DO UPDATE SET state = excluded.state
