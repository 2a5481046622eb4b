INSERT INTO audit_entries (position, id, time, request_id, actor_kind, actor_id, actor_name, on_behalf_of, user_id, ip,
                           user_agent, resource_type, resource_key, resource_id, resource_target, resource_icon, action,
                           status_code, diff, additional_fields, organization_id)
SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[], $7::text[],
                     $8::text[], $9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[], $14::uuid[], $15::text[],
                     $16::text[], $17::text[], $18::integer[], $19::jsonb[], $20::jsonb[], $21::uuid[])
