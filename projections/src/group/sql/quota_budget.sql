SELECT coalesce(sum((g.state->>'quota_allowance')::bigint), 0)::bigint
FROM (
    SELECT m.group_id AS id FROM group_members AS m WHERE m.user_id = $2 AND NOT m.departed
    UNION ALL
    SELECT m.organization_id FROM organization_members AS m WHERE m.user_id = $2 AND m.organization_id = $1
) AS m
JOIN groups AS g ON g.id = m.id
WHERE g.organization_id = $1
