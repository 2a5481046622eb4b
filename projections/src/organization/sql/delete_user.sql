DELETE FROM organization_members WHERE user_id = $1 RETURNING organization_id
