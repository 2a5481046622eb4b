SELECT w.index, r.target, r.icon, r.fields, r.deleted
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (resource_type, resource_key, index)
JOIN audit_resources AS r ON r.resource_type = w.resource_type AND r.resource_key = w.resource_key
