CREATE INDEX audit_entries_facet ON audit_entries (facet, facet_of, kind, position);
CREATE INDEX audit_entries_user ON audit_entries (user_id, facet_of, kind, position) WHERE user_id IS NOT NULL;
CREATE INDEX audit_entries_request ON audit_entries (request_id) WHERE request_id IS NOT NULL;
