INSERT INTO states (type, id, organization_id, name_key, state, created_at, updated_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::json[], $6::timestamptz[], $7::timestamptz[])
ON CONFLICT (type, id) DO UPDATE
SET organization_id = excluded.organization_id, name_key = excluded.name_key, state = excluded.state,
    created_at = excluded.created_at, updated_at = excluded.updated_at
