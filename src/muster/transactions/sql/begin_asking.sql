-- Notes that calls begin about what nobody knows of whether it arrived.
INSERT INTO transactions_attempt (transaction_id, verb, key, began_at)
SELECT id, 'ask', filing_key, %(now)s
FROM transactions_transaction
WHERE id = ANY(%(ids)s) AND status = 'outcome_unknown'
ORDER BY id
RETURNING transaction_id, id
