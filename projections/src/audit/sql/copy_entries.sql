COPY audit_entries (position, id, time, request_id, actor_kind, actor_id, actor_name, on_behalf_of, user_id, ip, user_agent,
                    resource_type, resource_key, resource_id, resource_target, resource_icon, action, status_code, diff,
                    additional_fields, organization_id)
FROM STDIN (FORMAT binary)
