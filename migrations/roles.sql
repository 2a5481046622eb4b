-- What the role `chancery_server` may do: everything that a running server needs, and to the log nothing but append and read.
-- Run by the tables' owner after every migration; does nothing where there is no such role. docs/database-roles.md.
DO $$
DECLARE
    target text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chancery_server') THEN
        RETURN;
    END IF;

    EXECUTE format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO chancery_server', current_database());
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO chancery_server;
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO chancery_server;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO chancery_server;

    FOR target IN
        SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname = 'public'
          AND tablename NOT IN ('events', 'ledger_head', 'unique_keys', '_sqlx_migrations')
    LOOP
        EXECUTE format('GRANT INSERT, UPDATE, DELETE ON %s TO chancery_server', target);
    END LOOP;

    -- The append has the rights of its owner, and finds the owner's tables whatever the caller's search_path.
    FOR target IN
        SELECT p.oid::regprocedure::text FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'ledger\_%' AND NOT p.prosecdef
    LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = public, pg_temp', target);
    END LOOP;
END
$$;
