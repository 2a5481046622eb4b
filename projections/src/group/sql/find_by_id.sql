SELECT g.id, g.organization_id, g.name, g.display_name, g.avatar_url, g.quota_allowance, g.source,
       CASE WHEN g.id = o.id THEN o.member_count ELSE g.member_count END AS member_count,
       o.profile->>'name' AS organization_name, o.profile->>'display_name' AS organization_display_name
FROM groups AS g
JOIN organizations AS o ON o.id = g.organization_id
WHERE g.id = $1
