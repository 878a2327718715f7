-- What waits, and was not let go, of the last answer to each of these requests, with its fees.
SELECT filed.id, asked.row_no, coalesce(filed.state_fee, 0) + coalesce(filed.registry_fee, 0)
FROM unnest(%(producers)s::bigint[], %(digests)s::uuid[], %(rows)s::int[]) AS asked (producer_id, digest, row_no)
CROSS JOIN LATERAL (
    SELECT id FROM transactions_batch
    WHERE producer_id = asked.producer_id AND request_digest = asked.digest
    ORDER BY id DESC LIMIT 1
) AS batch
JOIN transactions_transaction AS filed ON filed.batch_id = batch.id
WHERE filed.status = ANY(%(statuses)s) AND filed.released_at IS NULL
ORDER BY filed.id
