SELECT key_id, public_key, valid_from, valid_until, predecessor, signature, endorsement
FROM ledger_signing_keys
ORDER BY valid_from, key_id
