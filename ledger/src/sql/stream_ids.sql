SELECT aggregate_id
FROM events
WHERE aggregate_type = $1 AND sequence = 1 AND aggregate_id >= $2 AND aggregate_id < $2 || chr(1114111)
ORDER BY aggregate_id
