-- Some streams, each from its snapshot on, and the head at which they are so.
SELECT e.position, e.recorded_at, e.append_id, n.type AS aggregate_type, n.id AS aggregate_id, e.sequence, e.event_type,
       e.event_version, e.payload::text AS payload, e.metadata::text AS metadata, e.hash,
       n.number, coalesce(s.last_sequence, 0) AS snapshot_sequence,
       CASE WHEN e.sequence IS NULL OR e.sequence = s.last_sequence + 1 THEN s.payload::text END AS snapshot,
       s.created_at AS snapshot_created_at, s.updated_at AS snapshot_updated_at,
       h.position AS head_position, h.hash AS head_hash, h.recorded_at AS head_recorded_at
FROM ledger_head AS h
CROSS JOIN unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS n (type, id, snapshot_version, number)
LEFT JOIN snapshots AS s ON s.aggregate_type = n.type AND s.aggregate_id = n.id AND s.snapshot_version = n.snapshot_version
LEFT JOIN LATERAL (
    SELECT position, recorded_at, append_id, sequence, event_type, event_version, payload, metadata, hash
    FROM events
    WHERE aggregate_type = n.type AND aggregate_id = n.id AND sequence > coalesce(s.last_sequence, 0)
) AS e ON true
ORDER BY n.number, e.sequence
