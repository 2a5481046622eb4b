SELECT c.key_id, c.hashed_secret, c.origin, c.login_type, c.scope, c.token_name, c.lifetime_seconds,
       c.expires_at, c.created_at, c.updated_at, c.grant_id, c.app_id, c.audience, l.last_used_at,
       u.id AS user_id, u.username AS user_username, u.email AS user_email, u.name AS user_name,
       u.login_type AS user_login_type, u.status AS user_status, u.roles AS user_roles,
       u.created_at AS user_created_at, u.updated_at AS user_updated_at,
       ARRAY(SELECT m.organization_id FROM organization_members AS m
             WHERE m.user_id = u.id ORDER BY m.created_at, m.organization_id) AS user_organization_ids,
       (SELECT jsonb_agg(jsonb_build_object('organization_id', m.organization_id, 'roles', m.roles))
        FROM organization_members AS m WHERE m.user_id = u.id) AS user_memberships
FROM (
    SELECT k.id AS key_id, k.user_id, k.hashed_secret, k.origin, k.login_type, k.scope, k.token_name,
           k.lifetime_seconds, k.expires_at, k.created_at, k.updated_at,
           NULL::text AS grant_id, NULL::uuid AS app_id, NULL::text AS audience
    FROM api_keys AS k
    JOIN users AS o ON o.id = k.user_id
    WHERE k.id = ANY ($1) AND (o.credentials_valid_after IS NULL OR k.created_at > o.credentials_valid_after)
    UNION ALL
    SELECT g.api_key_id, g.user_id, g.hashed_secret, 'oauth2', 'oauth2_provider_app', g.scope,
           g.user_id::text || '_' || g.app_id::text || '_oauth_session_token',
           extract(epoch FROM g.access_token_expires_at - coalesce(g.refreshed_at, g.exchanged_at))::bigint,
           g.access_token_expires_at, coalesce(g.refreshed_at, g.exchanged_at), coalesce(g.refreshed_at, g.exchanged_at),
           g.id, g.app_id, g.audience
    FROM oauth2_grants AS g
    WHERE g.api_key_id = ANY ($1) AND g.status = 'exchanged'
) AS c
JOIN users AS u ON u.id = c.user_id
LEFT JOIN api_key_last_used AS l ON l.key_id = c.key_id
