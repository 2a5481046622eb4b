COPY audit_names (resource_type, resource_id, since, name, icon) FROM STDIN (FORMAT binary)
