INSERT INTO organizations (id, profile, member_count) VALUES ($1, $2, 0)
ON CONFLICT (id) DO UPDATE SET profile = excluded.profile
