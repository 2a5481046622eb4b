SELECT e.position, e.id, e.time, e.request_id, e.actor_kind, e.actor_id, e.actor_name, e.on_behalf_of, e.ip, e.user_agent,
       e.resource_type, e.resource_key, e.resource_id, e.resource_target, e.resource_icon, e.action, e.status_code,
       e.diff, e.additional_fields,
       -- A code or token also ends without an event of its own: a newer grant takes its place, its app or secret is deleted.
       CASE e.resource_type
           WHEN 'oauth2_provider_app_code' THEN NOT EXISTS (
               SELECT FROM oauth2_grants AS g WHERE g.id = e.resource_key AND g.status = 'code_issued')
           WHEN 'oauth2_provider_app_token' THEN NOT EXISTS (
               SELECT FROM oauth2_grants AS g WHERE g.id = e.resource_key AND g.status = 'exchanged')
           WHEN 'oauth2_provider_app_secret' THEN NOT EXISTS (
               SELECT FROM oauth2_app_secrets AS s WHERE s.id = e.resource_id)
           -- So does what belongs to a deleted organization.
           ELSE (e.organization_id IS NOT NULL AND o.id IS NULL) OR EXISTS (
               SELECT FROM audit_resources AS r
               WHERE r.resource_type = e.resource_type AND r.resource_key = e.resource_key AND r.deleted)
       END AS is_deleted,
       o.id AS organization_id, o.name AS organization_name, o.display_name AS organization_display_name,
       o.icon AS organization_icon,
       u.id AS user_id, u.username AS user_username, u.email AS user_email, u.name AS user_name,
       u.login_type AS user_login_type, u.status AS user_status, u.roles AS user_roles,
       u.created_at AS user_created_at, u.updated_at AS user_updated_at,
       ARRAY(SELECT m.organization_id FROM organization_members AS m
             WHERE m.user_id = u.id ORDER BY m.created_at, m.organization_id) AS user_organization_ids
FROM (
    SELECT * FROM audit_entries AS e
    WHERE ($1::text IS NULL OR e.resource_type = $1)
      AND ($2::uuid IS NULL OR e.resource_id = $2)
      AND ($3::text IS NULL OR e.resource_target = $3)
      AND ($4::uuid IS NULL OR e.user_id = $4)
      AND ($5::text IS NULL OR e.user_id = (SELECT n.id FROM users AS n WHERE lower(n.username) = lower($5)))
      AND ($6::text IS NULL OR e.user_id = (SELECT n.id FROM users AS n WHERE lower(n.email) = lower($6)))
      AND ($7::timestamptz IS NULL OR e.time >= $7)
      AND ($8::timestamptz IS NULL OR e.time <= $8)
      AND ($9::uuid IS NULL OR e.organization_id = $9)
      AND ($10::text IS NULL OR e.action = $10)
      AND ($11::uuid IS NULL OR e.request_id = $11)
      AND ($12::uuid[] IS NULL OR e.organization_id = ANY ($12))
      -- What may not be seen tells nothing of its place either.
      AND ($13::uuid IS NULL
           OR e.position < (SELECT a.position FROM audit_entries AS a
                            WHERE a.id = $13
                              AND ($9::uuid IS NULL OR a.organization_id = $9)
                              AND ($12::uuid[] IS NULL OR a.organization_id = ANY ($12))))
    ORDER BY e.position DESC
    LIMIT $14 OFFSET $15
) AS e
LEFT JOIN organizations AS o ON o.id = e.organization_id
LEFT JOIN users AS u ON u.id = e.user_id
ORDER BY e.position DESC
