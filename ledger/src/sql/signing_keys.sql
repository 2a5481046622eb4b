SELECT public_key, after, predecessor, statement
FROM ledger_signing_keys
ORDER BY after, predecessor IS NOT NULL, public_key
