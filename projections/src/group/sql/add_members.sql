-- Those who are not in the organization are no members, whatever was decided before they left it.
WITH added AS (
    INSERT INTO group_members (group_id, user_id, departed, name_key)
    SELECT g.id, a.user_id, m.user_id IS NULL, coalesce(n.name_key, '')
    FROM groups AS g
    CROSS JOIN unnest($2::uuid[]) AS a (user_id)
    LEFT JOIN organization_members AS m ON m.organization_id = g.organization_id AND m.user_id = a.user_id
    LEFT JOIN member_names AS n ON n.user_id = a.user_id
    WHERE g.id = $1
    ON CONFLICT (user_id, group_id) DO UPDATE SET departed = excluded.departed WHERE group_members.departed
    RETURNING departed
)
SELECT count(*) FROM added WHERE NOT departed
