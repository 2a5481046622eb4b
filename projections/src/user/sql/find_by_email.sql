SELECT u.id AS user_id, u.username AS user_username, u.email AS user_email, u.name AS user_name,
       u.login_type AS user_login_type, u.status AS user_status, u.roles AS user_roles,
       u.created_at AS user_created_at, u.updated_at AS user_updated_at,
       ARRAY(SELECT m.organization_id FROM organization_members AS m
             WHERE m.user_id = u.id ORDER BY m.created_at, m.organization_id) AS user_organization_ids,
       s.last_seen_at AS user_last_seen_at
FROM users AS u
LEFT JOIN user_last_seen AS s ON s.user_id = u.id
WHERE lower(u.email COLLATE "C") = lower($1 COLLATE "C")
