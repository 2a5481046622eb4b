CREATE INDEX organization_members_name ON organization_members (organization_id, name_key, user_id);
