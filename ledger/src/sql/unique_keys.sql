SELECT key, aggregate_type, aggregate_id FROM unique_keys ORDER BY key
