WITH moved AS (
    -- The head is still the one that the batch was decided on, or else nothing happens.
    UPDATE ledger_head SET position = $3, hash = $4, recorded_at = $5
    WHERE position = $1 AND hash = $2
    RETURNING position
), recorded AS (
    INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
                        position, append_id, recorded_at, hash)
    SELECT e.stream_type, e.stream_id, e.sequence, e.type, e.version, e.payload::json, e.metadata::json,
           e.position, e.append_id, e.recorded_at, e.hash
    FROM moved, unnest($6::text[], $7::text[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[],
                       $13::bigint[], $14::uuid[], $15::timestamptz[], $16::bytea[])
        AS e (stream_type, stream_id, sequence, type, version, payload, metadata, position, append_id, recorded_at, hash)
), freed AS (
    DELETE FROM unique_keys u USING moved, unnest($17::text[]) AS k (key) WHERE u.key = k.key
), taken AS (
    INSERT INTO unique_keys (key, aggregate_type, aggregate_id)
    SELECT k.key, k.type, k.id FROM moved, unnest($18::text[], $19::text[], $20::text[]) AS k (key, type, id)
), seized AS (
    INSERT INTO unique_keys (key, aggregate_type, aggregate_id)
    SELECT k.key, k.type, k.id FROM moved, unnest($21::text[], $22::text[], $23::text[]) AS k (key, type, id)
    ON CONFLICT (key) DO UPDATE SET aggregate_type = excluded.aggregate_type, aggregate_id = excluded.aggregate_id
)
SELECT position, pg_notify('ledger', position::text) FROM moved
