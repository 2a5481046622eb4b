INSERT INTO users (id, username, email, name, login_type, status, roles, quiet_hours_schedule, search_terms, created_at,
                   updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9, $9)
