SELECT o.id, o.profile, o.is_default, o.member_count, o.created_at, o.updated_at
FROM organization_members AS m
JOIN organizations AS o ON o.id = m.organization_id
WHERE m.user_id = $1
ORDER BY lower(o.profile->>'name')
