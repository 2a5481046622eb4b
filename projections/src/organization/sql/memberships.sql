SELECT organization_id, roles
FROM organization_members
WHERE user_id = $1
ORDER BY created_at, organization_id
