INSERT INTO states (type, id, owner_id, name_key, ends_at, state, created_at, updated_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::timestamptz[], $6::json[], $7::timestamptz[],
                     $8::timestamptz[])
ON CONFLICT (type, id) DO UPDATE
SET owner_id = excluded.owner_id, name_key = excluded.name_key, ends_at = excluded.ends_at, state = excluded.state,
    created_at = excluded.created_at, updated_at = excluded.updated_at
