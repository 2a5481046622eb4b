COPY audit_resources (resource_type, resource_key, target, icon, fields, deleted) FROM STDIN (FORMAT binary)
