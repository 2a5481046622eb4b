-- Walks the index on position, or the one on streams where a stream is given; what is not asked for is null.
SELECT position, recorded_at, append_id, aggregate_type, aggregate_id, sequence, event_type, event_version,
       payload::text AS payload, metadata::text AS metadata, hash
FROM events e
WHERE position > $1 AND position <= $2
  AND ($3::text IS NULL OR aggregate_type = $3)
  AND ($4::text IS NULL OR aggregate_id = $4)
  AND ($5::text IS NULL OR event_type = $5)
  AND ($6::text IS NULL OR metadata ->> 'actor_id' = $6 OR lower(metadata ->> 'actor_name') = lower($6))
  AND ($7::text IS NULL OR metadata ->> 'client_address' = $7)
  AND ($8::text IS NULL OR aggregate_id = $8 OR payload ->> 'organization_id' = $8
       OR EXISTS (SELECT FROM events AS f
                  WHERE f.aggregate_type = e.aggregate_type AND f.aggregate_id = e.aggregate_id AND f.sequence = 1
                    AND f.payload ->> 'organization_id' = $8))
  AND ($9::text IS NULL OR position(lower($9) IN lower(payload::text || metadata::text || aggregate_id)) > 0)
  AND ($10::text IS NULL OR metadata ->> 'request_id' = $10 OR metadata ->> 'correlation_id' = $10)
ORDER BY position
LIMIT $11
