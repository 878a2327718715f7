-- Locks transactions, in the order of their ids, as everywhere, so that two writers never wait for each other.
SELECT id FROM transactions_transaction WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE
