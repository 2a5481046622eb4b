SELECT t.level, t.index, t.hashes
FROM unnest($1::smallint[], $2::bigint[]) AS wanted (level, index)
JOIN ledger_tiles t ON t.level = wanted.level AND t.index = wanted.index
