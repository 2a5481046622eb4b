COPY audit_states (aggregate_type, aggregate_id, sequence, state, created_at, updated_at) FROM STDIN (FORMAT binary)
