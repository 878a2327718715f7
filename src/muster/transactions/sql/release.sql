-- Lets those go that wait and were not let go before. Locked in the order of their ids, as everywhere, so that
-- two writers never wait for each other.
WITH chosen AS (
    SELECT id
    FROM transactions_transaction
    WHERE id = ANY(%(ids)s) AND status IN ('ready', 'held') AND released_at IS NULL
    ORDER BY id
    FOR NO KEY UPDATE
)
UPDATE transactions_transaction AS one
SET released_at = %(now)s, released_by_id = %(by)s, next_at = %(now)s, updated_at = %(now)s
FROM chosen
WHERE one.id = chosen.id
RETURNING one.organization_id, one.batch_id
