SELECT g.id, g.state, CASE WHEN g.id = o.id THEN o.member_count ELSE g.member_count END AS member_count,
       o.profile->>'name' AS organization_name, o.profile->>'display_name' AS organization_display_name
FROM groups AS g
JOIN organizations AS o ON o.id = g.organization_id
WHERE ($1::uuid IS NULL OR g.organization_id = $1)
  AND ($2::text IS NULL OR g.state->>'name' = $2)
  AND ($3::uuid[] IS NULL OR g.id = ANY ($3))
  AND ($4::uuid IS NULL OR g.id = ANY (ARRAY(
          SELECT m.group_id FROM group_members AS m WHERE m.user_id = $4 AND NOT m.departed
          UNION ALL
          SELECT m.organization_id FROM organization_members AS m WHERE m.user_id = $4)))
  -- What the reader may see: everything, or all groups of some organizations and those that a user is in.
  AND ($6::uuid[] IS NULL OR g.organization_id = ANY ($6) OR g.id = ANY (ARRAY(
          SELECT m.group_id FROM group_members AS m WHERE m.user_id = $5 AND NOT m.departed
          UNION ALL
          SELECT m.organization_id FROM organization_members AS m WHERE m.user_id = $5)))
ORDER BY g.organization_id, g.state->>'name'
LIMIT $7 OFFSET $8
