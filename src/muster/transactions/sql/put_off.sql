-- Leaves what cannot be judged for later, so that it holds up nothing else.
UPDATE transactions_transaction
SET next_at = %(later)s, note = %(note)s, updated_at = %(now)s
WHERE id = %(id)s AND status IN ('ready', 'held') AND next_at IS NOT NULL
