-- A tile only grows; what it grows by follows from the events.
INSERT INTO ledger_tiles AS t (level, index, hashes)
SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])
ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes
WHERE octet_length(t.hashes) <= octet_length(excluded.hashes) AND t.hashes <> excluded.hashes
