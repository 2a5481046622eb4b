DELETE FROM audit_resources AS r
USING unnest($1::text[], $2::text[]) AS g (resource_type, resource_key)
WHERE r.resource_type = g.resource_type AND r.resource_key = g.resource_key
