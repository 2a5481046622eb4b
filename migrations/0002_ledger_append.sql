-- The append: decides order, versions and unique keys of a batch under one lock, in one round trip.
--
-- A batch is n appends, numbered from 1; streams, events, keys and key changes arrive as parallel arrays that name
-- their append by number. Events of one append are consecutive and in order. The caller guarantees that no stream and
-- no key is touched by two appends of one batch, so each append can be judged against the tables alone.
CREATE FUNCTION ledger_append(
    append_ids       uuid[],        -- one per append
    given_at         timestamptz[], -- one per append: its time, raised to the head's where that is later
    stream_append    int[],         -- one per stream an append depends on: number of the append
    stream_type      text[],
    stream_id        text[],
    stream_sequence  bigint[],      --   the last sequence the append was decided on; 0 for a new stream
    event_append     int[],         -- one per event: number of the append
    event_stream_type text[],
    event_stream_id  text[],
    event_sequence   bigint[],
    event_type       text[],
    event_version    text[],
    event_payload    text[],
    event_metadata   text[],
    event_contents   bytea,         --   content digests, 32 bytes each, in the events' order
    keys             text[],        -- one per unique key touched
    key_append       int[],         --   number of the append that touches it
    change_key       int[],         -- one per key change, in order: number of the key
    change_action    smallint[],    --   1 take, 2 free, 3 seize, 4 require
    change_type      text[],        --   the stream that takes, frees, seizes or requires
    change_id        text[],
    OUT status         smallint[],    -- one per append: 0 appended, 1 version conflict, 2 key taken, 3 key not held
    OUT status_key     text[],        --   the key, for 2 and 3
    OUT first_position bigint[],      --   position of its first event, for 0
    OUT recorded_at    timestamptz[], --   its time, for 0
    OUT hashes         bytea          -- hashes of the appended events, 32 bytes each, in order
) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    head_position bigint;
    head_hash     bytea;
    head_time     timestamptz;
    before        bigint;
    failed        int[];
    holder_type   text[];
    holder_id     text[];
    key_changed   boolean[];
    any_taken     boolean := false;
    any_freed     boolean := false;
    mine          boolean;
    number        int;
    k             int;
    current       int := 0;
    microseconds  bytea;
    positions     bigint[];
    event_hashes  bytea[];
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'ledger_append needs READ COMMITTED: what it reads must be newer than its lock';
    END IF;

    SELECT h.position, h.hash, h.recorded_at INTO STRICT head_position, head_hash, head_time
    FROM ledger_head h FOR UPDATE;

    -- From here on every statement sees all that earlier holders of the lock committed.
    before := head_position;
    hashes := '';
    status := array_fill(0::smallint, ARRAY[cardinality(append_ids)]);
    status_key := array_fill(NULL::text, ARRAY[cardinality(append_ids)]);
    first_position := array_fill(NULL::bigint, ARRAY[cardinality(append_ids)]);
    recorded_at := array_fill(NULL::timestamptz, ARRAY[cardinality(append_ids)]);

    SELECT array_agg(s.append) INTO failed
    FROM unnest(stream_append, stream_type, stream_id, stream_sequence) AS s (append, type, id, sequence)
    WHERE s.sequence <> coalesce((
        SELECT e.sequence FROM events e
        WHERE e.aggregate_type = s.type AND e.aggregate_id = s.id
        ORDER BY e.sequence DESC LIMIT 1), 0);
    IF failed IS NOT NULL THEN
        FOREACH number IN ARRAY failed LOOP
            status[number] := 1;
        END LOOP;
    END IF;

    IF cardinality(keys) > 0 THEN
        SELECT array_agg(u.aggregate_type ORDER BY t.n), array_agg(u.aggregate_id ORDER BY t.n)
        INTO holder_type, holder_id
        FROM unnest(keys) WITH ORDINALITY AS t (key, n)
        LEFT JOIN unique_keys u ON u.key = t.key;
        key_changed := array_fill(false, ARRAY[cardinality(keys)]);

        FOR i IN 1 .. cardinality(change_key) LOOP
            k := change_key[i];
            number := key_append[k];
            CONTINUE WHEN status[number] <> 0;
            mine := holder_id[k] IS NOT NULL AND holder_id[k] = change_id[i] AND holder_type[k] = change_type[i];
            CASE change_action[i]
            WHEN 1, 3 THEN
                IF change_action[i] = 1 AND NOT mine AND holder_id[k] IS NOT NULL THEN
                    status[number] := 2;
                    status_key[number] := keys[k];
                ELSIF NOT mine THEN
                    holder_type[k] := change_type[i];
                    holder_id[k] := change_id[i];
                    key_changed[k] := true;
                    any_taken := true;
                END IF;
            WHEN 2 THEN
                IF mine THEN
                    holder_type[k] := NULL;
                    holder_id[k] := NULL;
                    key_changed[k] := true;
                    any_freed := true;
                END IF;
            WHEN 4 THEN
                IF NOT mine THEN
                    status[number] := 3;
                    status_key[number] := keys[k];
                END IF;
            END CASE;
        END LOOP;
    END IF;

    positions := array_fill(NULL::bigint, ARRAY[cardinality(event_append)]);
    event_hashes := array_fill(NULL::bytea, ARRAY[cardinality(event_append)]);
    FOR i IN 1 .. cardinality(event_append) LOOP
        number := event_append[i];
        CONTINUE WHEN status[number] <> 0;
        head_position := head_position + 1;
        IF number <> current THEN
            current := number;
            head_time := greatest(head_time, given_at[number]);
            microseconds := int8send((extract(epoch FROM head_time) * 1000000)::bigint);
            first_position[number] := head_position;
            recorded_at[number] := head_time;
        END IF;
        head_hash := sha256(head_hash || int8send(head_position) || microseconds
                            || substr(event_contents, 32 * i - 31, 32));
        positions[i] := head_position;
        event_hashes[i] := head_hash;
        hashes := hashes || head_hash;
    END LOOP;

    IF head_position = before THEN
        RETURN;
    END IF;

    INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
                        position, append_id, recorded_at, hash)
    SELECT e.stream_type, e.stream_id, e.sequence, e.type, e.version, e.payload::json, e.metadata::json,
           e.position, append_ids[e.append], ledger_append.recorded_at[e.append], e.hash
    FROM unnest(event_append, event_stream_type, event_stream_id, event_sequence, event_type, event_version,
                event_payload, event_metadata, positions, event_hashes)
        AS e (append, stream_type, stream_id, sequence, type, version, payload, metadata, position, hash)
    WHERE e.position IS NOT NULL;

    IF any_freed THEN
        DELETE FROM unique_keys u
        USING unnest(keys, key_append, key_changed, holder_id) AS t (key, append, changed, holder)
        WHERE t.changed AND t.holder IS NULL AND status[t.append] = 0 AND u.key = t.key;
    END IF;
    IF any_taken THEN
        INSERT INTO unique_keys AS u (key, aggregate_type, aggregate_id)
        SELECT t.key, t.type, t.id
        FROM unnest(keys, key_append, key_changed, holder_type, holder_id) AS t (key, append, changed, type, id)
        WHERE t.changed AND t.id IS NOT NULL AND status[t.append] = 0
        ON CONFLICT (key) DO UPDATE SET aggregate_type = excluded.aggregate_type, aggregate_id = excluded.aggregate_id;
    END IF;

    UPDATE ledger_head SET position = head_position, hash = head_hash, recorded_at = head_time;
    PERFORM pg_notify('ledger', head_position::text);
END
$$;

COMMENT ON FUNCTION ledger_append IS 'Appends a batch of appends in global order; each succeeds or fails alone.';

-- The append of a batch that was decided beforehand, as a compare-and-swap of the head: one round trip, no lock held meanwhile.
-- The caller computed positions and hashes from the head that it knows; where that is not the head, nothing happens.
CREATE FUNCTION ledger_append_if_head(
    known_position     bigint,
    known_hash         bytea,
    new_position       bigint,
    new_hash           bytea,
    new_recorded_at    timestamptz,
    event_stream_type  text[],        -- one per event, in order of position
    event_stream_id    text[],
    event_sequence     bigint[],
    event_type         text[],
    event_version      text[],
    event_payload      text[],
    event_metadata     text[],
    event_append       uuid[],
    event_recorded_at  timestamptz[],
    event_hash         bytea[],
    freed              text[],        -- unique keys that their holder gives up
    taken              text[],        -- those that nobody may hold
    taken_type         text[],
    taken_id           text[],
    seized             text[],        -- those that are taken over, whoever holds them
    seized_type        text[],
    seized_id          text[]
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    IF new_position <> known_position + cardinality(event_sequence) THEN
        RAISE EXCEPTION 'the new head is not where the events end';
    END IF;

    UPDATE ledger_head SET position = new_position, hash = new_hash, recorded_at = new_recorded_at
    WHERE position = known_position AND hash = known_hash;
    IF NOT FOUND THEN
        RETURN false;
    END IF;

    INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
                        position, append_id, recorded_at, hash)
    SELECT e.stream_type, e.stream_id, e.sequence, e.type, e.version, e.payload::json, e.metadata::json,
           known_position + e.number, e.append, e.recorded_at, e.hash
    FROM unnest(event_stream_type, event_stream_id, event_sequence, ledger_append_if_head.event_type,
                ledger_append_if_head.event_version, event_payload, event_metadata, event_append, event_recorded_at, event_hash)
        WITH ORDINALITY
        AS e (stream_type, stream_id, sequence, type, version, payload, metadata, append, recorded_at, hash, number);

    IF cardinality(freed) > 0 THEN
        DELETE FROM unique_keys u USING unnest(freed) AS k (key) WHERE u.key = k.key;
    END IF;
    IF cardinality(taken) > 0 THEN
        INSERT INTO unique_keys (key, aggregate_type, aggregate_id)
        SELECT k.key, k.type, k.id FROM unnest(taken, taken_type, taken_id) AS k (key, type, id);
    END IF;
    IF cardinality(seized) > 0 THEN
        INSERT INTO unique_keys (key, aggregate_type, aggregate_id)
        SELECT k.key, k.type, k.id FROM unnest(seized, seized_type, seized_id) AS k (key, type, id)
        ON CONFLICT (key) DO UPDATE SET aggregate_type = excluded.aggregate_type, aggregate_id = excluded.aggregate_id;
    END IF;

    PERFORM pg_notify('ledger', new_position::text);
    RETURN true;
END
$$;

COMMENT ON FUNCTION ledger_append_if_head IS 'Appends a batch whose places are computed already, if the head is still the one they were computed from.';

-- Changes nothing, but is written: its commit waits for whatever commits wait for, and so for all that came before.
CREATE FUNCTION ledger_await_durability() RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE ledger_head SET position = position;
END
$$;

COMMENT ON FUNCTION ledger_await_durability IS 'Its commit ends when all that was committed before is as durable as commits are.';
