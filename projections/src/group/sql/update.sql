UPDATE groups
SET name = $2, display_name = $3, avatar_url = $4, quota_allowance = $5, updated_at = $6
WHERE id = $1
