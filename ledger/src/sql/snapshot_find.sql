SELECT last_sequence, payload
FROM snapshots
WHERE aggregate_type = $1 AND aggregate_id = $2 AND snapshot_version = $3
