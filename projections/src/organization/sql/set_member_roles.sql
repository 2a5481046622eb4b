UPDATE organization_members
SET roles = $3, updated_at = $4
WHERE organization_id = $1 AND user_id = $2
