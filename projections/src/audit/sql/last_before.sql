-- The last position recorded before a time, 0 when there is none. Times never decrease along the positions, so that halving
-- the range finds it.
WITH RECURSIVE range AS (
    SELECT 0::bigint AS low, (SELECT coalesce(max(position), 0) FROM events) AS high
    UNION ALL
    SELECT CASE WHEN e.recorded_at < $1 THEN e.position ELSE r.low END,
           CASE WHEN e.recorded_at < $1 THEN r.high ELSE e.position - 1 END
    FROM range AS r
    JOIN events AS e ON e.position = r.low + (r.high - r.low + 1) / 2
    WHERE r.low < r.high
)
SELECT low FROM range WHERE low = high
