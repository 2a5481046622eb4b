INSERT INTO snapshots AS s (aggregate_type, aggregate_id, snapshot_version, last_sequence, payload)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (aggregate_type, aggregate_id, snapshot_version)
DO UPDATE SET last_sequence = excluded.last_sequence, payload = excluded.payload
WHERE s.last_sequence < excluded.last_sequence
