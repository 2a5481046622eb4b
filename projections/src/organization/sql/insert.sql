INSERT INTO organizations (id, name, display_name, description, icon, is_default, member_count, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7)
