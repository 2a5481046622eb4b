-- For the self-check: a row of some read model disappears.
DO $$
DECLARE
    place record;
    removed bigint;
BEGIN
    FOR place IN
        SELECT table_schema, table_name
        FROM information_schema.tables
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('public', 'pg_catalog', 'information_schema')
        ORDER BY table_schema, table_name
    LOOP
        EXECUTE format(
            'DELETE FROM %I.%I WHERE ctid = (SELECT ctid FROM %I.%I LIMIT 1)',
            place.table_schema, place.table_name, place.table_schema, place.table_name);
        GET DIAGNOSTICS removed = ROW_COUNT;
        EXIT WHEN removed = 1;
    END LOOP;
END
$$
