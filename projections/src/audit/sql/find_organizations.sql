SELECT id, profile->>'name' AS name, profile->>'display_name' AS display_name, profile->>'icon' AS icon
FROM organizations
WHERE id = ANY ($1)
