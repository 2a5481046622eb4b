INSERT INTO snapshots AS s (aggregate_type, aggregate_id, snapshot_version, last_sequence, payload, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (aggregate_type, aggregate_id, snapshot_version)
DO UPDATE SET last_sequence = excluded.last_sequence, payload = excluded.payload,
              created_at = excluded.created_at, updated_at = excluded.updated_at
WHERE s.last_sequence < excluded.last_sequence
