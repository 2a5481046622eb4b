INSERT INTO audit_resources (resource_type, resource_key, target, icon, fields, deleted)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::boolean[])
ON CONFLICT (resource_type, resource_key) DO UPDATE
SET target = excluded.target, icon = excluded.icon, fields = excluded.fields, deleted = excluded.deleted
