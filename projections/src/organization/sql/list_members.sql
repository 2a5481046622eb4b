SELECT p.organization_id, m.roles, p.created_at, m.updated_at,
       u.id AS user_id, u.username, u.email, u.name, u.roles AS site_roles
FROM (
    -- What is left out before the page is read from the index alone.
    SELECT organization_id, created_at, user_id
    FROM organization_members
    WHERE organization_id = $1
    ORDER BY created_at, user_id
    LIMIT $2 OFFSET $3
) AS p
JOIN organization_members AS m ON m.user_id = p.user_id AND m.organization_id = p.organization_id
JOIN users AS u ON u.id = p.user_id
ORDER BY p.created_at, p.user_id
