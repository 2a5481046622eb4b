SELECT k.public_key, k.after, k.predecessor, k.statement
FROM ledger_signing_keys k
WHERE NOT EXISTS (SELECT FROM ledger_signing_keys s WHERE s.predecessor = k.public_key)
