-- Says of locked batches what their transactions have made of them, where that differs.
WITH counted AS (
    SELECT batch_id,
           bool_or(status = ANY(%(open)s)) AS is_open,
           bool_or(status = ANY(%(waiting)s) AND released_at IS NULL) AS waits
    FROM transactions_transaction
    WHERE batch_id = ANY(%(ids)s)
    GROUP BY batch_id
),
told AS (
    SELECT batch.id,
           CASE
               WHEN NOT counted.is_open THEN %(done)s
               WHEN NOT counted.waits THEN %(submitted)s
               WHEN batch.state NOT IN (%(done)s, %(submitted)s) THEN batch.state
               WHEN batch.reviewed_at IS NULL THEN %(draft)s
               ELSE %(approved)s
           END AS state
    FROM transactions_batch AS batch
    JOIN counted ON counted.batch_id = batch.id
)
UPDATE transactions_batch AS batch
SET state = told.state
FROM told
WHERE batch.id = told.id AND batch.state <> told.state
