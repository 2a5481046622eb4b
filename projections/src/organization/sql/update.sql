UPDATE organizations
SET name = $2, display_name = $3, description = $4, icon = $5, updated_at = $6
WHERE id = $1
