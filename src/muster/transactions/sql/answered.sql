-- The last answer to each request of these producers, unless a person or the registry has put an end to some of it,
-- or some of it was found to be not eligible since.
SELECT DISTINCT ON (batch.producer_id, batch.request_digest)
       batch.producer_id, batch.request_digest, batch.verdict_digest
FROM transactions_batch AS batch
WHERE batch.producer_id = ANY(%(ids)s) AND batch.kind = %(kind)s AND batch.request_digest = ANY(%(digests)s)
  AND NOT EXISTS (
      SELECT FROM transactions_transaction AS filed
      WHERE filed.batch_id = batch.id
        AND (
            filed.status IN ('rejected', 'canceled', 'closed')
            OR filed.status = 'not_eligible' AND EXISTS (
                SELECT FROM transactions_statuschange AS change WHERE change.transaction_id = filed.id
            )
        )
  )
ORDER BY batch.producer_id, batch.request_digest, batch.id DESC
