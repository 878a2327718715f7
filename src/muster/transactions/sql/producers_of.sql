-- Whom transactions are about.
SELECT DISTINCT producer_id FROM transactions_transaction WHERE id = ANY(%(ids)s)
