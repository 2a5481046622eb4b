WITH incoming AS (
    SELECT *
    FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::boolean[], $6::text[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::timestamptz[], $12::uuid[], $13::text[], $14::text[], $15::text[],
                $16::timestamptz[], $17::timestamptz[], $18::timestamptz[], $19::timestamptz[], $20::timestamptz[],
                $21::timestamptz[], $22::text[])
        AS i (id, app_id, user_id, status, exclusive, redirect_uri, resource_uri, code_challenge, code_challenge_method, scope,
       code_expires_at, app_secret_id, api_key_id, hashed_secret, audience, access_token_expires_at,
       refresh_token_expires_at, issued_at, exchanged_at, refreshed_at, ended_at, revocation_reason)
), dead AS (
    SELECT i.id FROM incoming AS i
    WHERE EXISTS (SELECT FROM oauth2_grant_tombstones AS t WHERE t.id = i.app_id)
       OR EXISTS (SELECT FROM oauth2_grant_tombstones AS t WHERE t.id = i.app_secret_id)
), removed AS (
    DELETE FROM oauth2_grants AS g USING dead WHERE g.id = dead.id
)
INSERT INTO oauth2_grants (id, app_id, user_id, status, exclusive, redirect_uri, resource_uri, code_challenge, code_challenge_method, scope,
       code_expires_at, app_secret_id, api_key_id, hashed_secret, audience, access_token_expires_at,
       refresh_token_expires_at, issued_at, exchanged_at, refreshed_at, ended_at, revocation_reason)
SELECT * FROM incoming WHERE id NOT IN (SELECT id FROM dead)
ON CONFLICT (id) DO UPDATE SET
    status = excluded.status,
    scope = excluded.scope,
    app_secret_id = excluded.app_secret_id,
    api_key_id = excluded.api_key_id,
    hashed_secret = excluded.hashed_secret,
    audience = excluded.audience,
    access_token_expires_at = excluded.access_token_expires_at,
    refresh_token_expires_at = excluded.refresh_token_expires_at,
    exchanged_at = excluded.exchanged_at,
    refreshed_at = excluded.refreshed_at,
    ended_at = excluded.ended_at,
    revocation_reason = excluded.revocation_reason
