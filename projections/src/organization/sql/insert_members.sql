-- An organization may be deleted at the same moment as somebody is added to it.
INSERT INTO organization_members (organization_id, user_id, name_key, roles, created_at, updated_at)
SELECT o.id, i.user_id, coalesce(n.name_key, ''), ARRAY(SELECT jsonb_array_elements_text(i.roles)), i.at, i.at
FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::timestamptz[]) AS i (organization_id, user_id, roles, at)
JOIN organizations AS o ON o.id = i.organization_id
LEFT JOIN member_names AS n ON n.user_id = i.user_id
RETURNING organization_id
