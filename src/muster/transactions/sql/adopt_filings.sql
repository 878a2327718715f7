-- Takes over what a drain that died was sending: nobody knows whether it arrived. It may have been sent a moment
-- ago, so it is asked about once the time has passed in which an answer would come. Locked in the order of their
-- ids, as everywhere.
WITH cut_off AS (
    SELECT id FROM transactions_transaction WHERE status = 'submitting' ORDER BY id FOR NO KEY UPDATE
)
UPDATE transactions_transaction AS one
SET status = 'outcome_unknown', next_at = %(now)s::timestamptz + %(quiet)s, note = %(note)s,
    updated_at = %(now)s
FROM cut_off
WHERE one.id = cut_off.id AND one.status = 'submitting'
