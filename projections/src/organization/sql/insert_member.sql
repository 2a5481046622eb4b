-- An organization may be deleted at the same moment as somebody is added to it.
INSERT INTO organization_members (organization_id, user_id, name_key, roles, created_at, updated_at)
SELECT o.id, $2, coalesce((SELECT n.name_key FROM member_names AS n WHERE n.user_id = $2), ''), $3, $4, $4
FROM organizations AS o
WHERE o.id = $1
