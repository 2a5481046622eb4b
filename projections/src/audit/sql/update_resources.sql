UPDATE audit_resources AS r
SET target = c.target, icon = c.icon, fields = c.fields::json, deleted = c.deleted
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[])
    AS c (resource_type, resource_key, target, icon, fields, deleted)
WHERE r.resource_type = c.resource_type AND r.resource_key = c.resource_key
