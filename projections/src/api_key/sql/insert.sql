INSERT INTO api_keys (id, user_id, origin, login_type, scope, token_name, credential_generation, lifetime_seconds,
                      expires_at, created_at, updated_at)
SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::bigint[],
                     $9::timestamptz[], $10::timestamptz[], $11::timestamptz[])
