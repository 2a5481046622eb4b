SELECT aggregate_id FROM unique_keys WHERE key = $1
