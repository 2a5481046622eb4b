CREATE INDEX audit_entries_id ON audit_entries (id);
CREATE INDEX audit_entries_time ON audit_entries USING brin (time);
CREATE INDEX audit_entries_request ON audit_entries (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX audit_entries_user ON audit_entries (user_id, position) WHERE user_id IS NOT NULL;
CREATE INDEX audit_entries_resource ON audit_entries (resource_id, position);
CREATE INDEX audit_entries_target ON audit_entries (resource_target, position);
CREATE INDEX audit_entries_organization ON audit_entries (organization_id, position) WHERE organization_id IS NOT NULL;
-- Codes and tokens, creations and writes are so many that the newest are found by position alone.
CREATE INDEX audit_entries_type ON audit_entries (resource_type, position)
    WHERE resource_type NOT IN ('oauth2_provider_app_code', 'oauth2_provider_app_token');
CREATE INDEX audit_entries_action ON audit_entries (action, position) WHERE action NOT IN ('create', 'write');
CREATE INDEX audit_entries_refused ON audit_entries (position) WHERE status_code >= 400;
