-- What the floor writes: rows of the events table as the migrations made it, with its columns, types, constraints and indexes,
-- each of the size of one recorded `code_exchanged` event, and nothing of what makes a ledger. The values are the columns'
-- defaults, so that pgbench's statement names no column.
CREATE TABLE floor_events (LIKE events INCLUDING ALL);

DO $$
DECLARE
    part record;
    value text;
    storage text;
BEGIN
    SELECT array_to_string(reloptions, ', ') INTO STRICT storage FROM pg_class WHERE oid = 'events'::regclass;
    IF storage IS NOT NULL THEN
        EXECUTE format('ALTER TABLE floor_events SET (%s)', storage);
    END IF;
    FOR part IN
        SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
        WHERE attrelid = 'floor_events'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = ''
    LOOP
        EXECUTE format('SELECT %I::text FROM events WHERE event_type = ''code_exchanged'' ORDER BY position LIMIT 1', part.name)
        INTO STRICT value;
        EXECUTE format('ALTER TABLE floor_events ALTER COLUMN %I SET DEFAULT %L::%s', part.name, value, part.type);
    END LOOP;
END
$$;

-- What differs from row to row: a stream of its own, whose id is as long as a grant's and sorts after the last one; the
-- place in the log; and the append.
CREATE SEQUENCE floor_position;
CREATE SEQUENCE floor_stream;

DO $$
DECLARE
    id_length int;
BEGIN
    SELECT length(aggregate_id) INTO STRICT id_length FROM events
    WHERE event_type = 'code_exchanged' ORDER BY position LIMIT 1;
    EXECUTE format('ALTER TABLE floor_events ALTER COLUMN aggregate_id SET DEFAULT lpad(nextval(''floor_stream'')::text, %s, ''0'')', id_length);
END
$$;

ALTER TABLE floor_events
    ALTER COLUMN position SET DEFAULT nextval('floor_position'),
    ALTER COLUMN append_id SET DEFAULT gen_random_uuid();
