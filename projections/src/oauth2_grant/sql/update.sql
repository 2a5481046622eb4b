UPDATE oauth2_grants AS g
SET status = c.status, scope = c.scope, app_secret_id = c.app_secret_id, audience = c.audience,
    access_token_expires_at = c.access_token_expires_at, refresh_token_expires_at = c.refresh_token_expires_at,
    exchanged_at = c.exchanged_at, refreshed_at = c.refreshed_at, ended_at = c.ended_at, revocation_reason = c.revocation_reason
FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::timestamptz[], $7::timestamptz[],
            $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::text[])
    AS c (id, status, scope, app_secret_id, audience, access_token_expires_at, refresh_token_expires_at, exchanged_at,
          refreshed_at, ended_at, revocation_reason)
WHERE g.id = c.id
