INSERT INTO ledger_signing_keys (public_key, after, predecessor, statement)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
