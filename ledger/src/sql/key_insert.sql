INSERT INTO ledger_signing_keys (key_id, public_key, valid_from, predecessor, signature, endorsement)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
