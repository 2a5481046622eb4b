-- In one statement, so that the head and what lies outside of it are seen at the same time.
SELECT h.position, h.hash,
       (SELECT min(e.position) FROM events e WHERE e.position > h.position) AS beyond
FROM ledger_head h
