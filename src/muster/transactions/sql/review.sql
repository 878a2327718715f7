-- Takes batches that are locked to where a review has them. Only an approval has a time.
UPDATE transactions_batch
SET state = %(state)s, reviewed_by_id = %(by)s, review_note = %(note)s,
    reviewed_at = CASE WHEN %(state)s = 'approved' THEN %(now)s END
WHERE id = ANY(%(ids)s)
