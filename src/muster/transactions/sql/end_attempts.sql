-- Notes what calls have come to.
UPDATE transactions_attempt AS attempt
SET ended_at = %(now)s, outcome = told.outcome, words = told.words
FROM unnest(%(ids)s::bigint[], %(outcomes)s::text[], %(words)s::text[]) AS told (id, outcome, words)
WHERE attempt.id = told.id AND attempt.ended_at IS NULL
