SELECT id, profile, is_default, member_count, created_at, updated_at
FROM organizations
WHERE id = $1
