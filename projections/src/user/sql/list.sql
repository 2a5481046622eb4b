SELECT u.id AS user_id, u.username AS user_username, u.email AS user_email, u.name AS user_name,
       u.login_type AS user_login_type, u.status AS user_status, u.roles AS user_roles,
       u.created_at AS user_created_at, u.updated_at AS user_updated_at,
       ARRAY(SELECT m.organization_id FROM organization_members AS m
             WHERE m.user_id = u.id ORDER BY m.created_at, m.organization_id) AS user_organization_ids,
       seen.last_seen_at AS user_last_seen_at
FROM (
    -- The join is dropped by the planner unless a filter reads it.
    SELECT u.*
    FROM users AS u
    LEFT JOIN user_last_seen AS s ON s.user_id = u.id
    WHERE ($1::text IS NULL OR position($1 IN lower(u.username)) > 0 OR position($1 IN lower(u.email)) > 0)
      AND ($2::text[] IS NULL OR u.search_terms @> $2)
      AND ($3::text[] IS NULL OR u.status = ANY ($3))
      AND ($4::text[] IS NULL OR u.roles && $4)
      AND ($5::text[] IS NULL OR u.login_type = ANY ($5))
      AND ($6::timestamptz IS NULL OR greatest(s.last_seen_at, u.created_at) < $6)
      AND ($7::timestamptz IS NULL OR greatest(s.last_seen_at, u.created_at) > $7)
      AND ($8::timestamptz IS NULL OR u.created_at < $8)
      AND ($9::timestamptz IS NULL OR u.created_at > $9)
      AND ($10::uuid[] IS NULL OR u.id = ANY ($10))
      AND ($11::uuid IS NULL OR lower(u.username) > (SELECT lower(a.username) FROM users AS a WHERE a.id = $11))
    ORDER BY lower(u.username)
    LIMIT $12 OFFSET $13
) AS u
LEFT JOIN user_last_seen AS seen ON seen.user_id = u.id
ORDER BY lower(u.username)
