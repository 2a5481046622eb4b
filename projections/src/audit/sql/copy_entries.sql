COPY audit_entries (position, facet, user_id, request_id, kind, facet_of) FROM STDIN (FORMAT binary)
