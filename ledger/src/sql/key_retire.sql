UPDATE ledger_signing_keys SET valid_until = greatest($2, valid_from) WHERE key_id = $1 AND valid_until IS NULL
