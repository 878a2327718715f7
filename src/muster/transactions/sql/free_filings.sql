-- Locks what is still to be sent of locked producers and what nobody else has locked, in the order of their ids.
SELECT id
FROM transactions_transaction
WHERE id = ANY(%(ids)s) AND producer_id = ANY(%(producers)s)
  AND status IN ('ready', 'held') AND next_at <= %(now)s
ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED
