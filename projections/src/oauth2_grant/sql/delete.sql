DELETE FROM oauth2_grants AS g
USING unnest($1::uuid[], $2::uuid[]) AS d (app_id, app_secret_id)
WHERE g.app_id = d.app_id AND (d.app_secret_id IS NULL OR g.app_secret_id = d.app_secret_id)
