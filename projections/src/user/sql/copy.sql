COPY users (id, username, email, name, login_type, status, roles, quiet_hours_schedule, search_terms, created_at, updated_at)
FROM STDIN (FORMAT binary)
