INSERT INTO organizations (id, profile, is_default, member_count, created_at, updated_at)
VALUES ($1, $2, $3, 0, $4, $4)
