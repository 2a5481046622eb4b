-- Of what also ends without an event of its own (a newer grant takes its place, its app or secret is deleted): what lives.
SELECT 'oauth2_provider_app_code' AS resource_type, g.id AS name
FROM oauth2_grants AS g
WHERE g.id = ANY ($1) AND g.status = 'code_issued'
UNION ALL
SELECT 'oauth2_provider_app_token', g.id
FROM oauth2_grants AS g
WHERE g.id = ANY ($1) AND g.status = 'exchanged'
UNION ALL
SELECT 'oauth2_provider_app_secret', s.id::text
FROM oauth2_app_secrets AS s
WHERE s.id = ANY ($2)
