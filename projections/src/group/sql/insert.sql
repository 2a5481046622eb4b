-- An organization may be deleted at the same moment as a group is made in it.
INSERT INTO groups (id, organization_id, name, display_name, avatar_url, quota_allowance, source, member_count, created_at,
                    updated_at)
SELECT $1, o.id, $3, $4, $5, $6, $7, 0, $8, $8
FROM organizations AS o
WHERE o.id = $2
