-- Locks the transactions of a span of good items, in the order of their ids, and tells what they are by now.
SELECT item.row_no, one.id, one.status, one.released_at IS NOT NULL, one.filing_key IS NOT NULL,
       ARRAY[one.prepared_by_id, batch.prepared_by_id], one.batch_id, one.producer_id,
       producer.removed_at IS NOT NULL AND one.kind <> 'termination'
FROM bulk_item AS item
JOIN transactions_transaction AS one ON one.id = item.target_id
JOIN transactions_batch AS batch ON batch.id = one.batch_id
JOIN producers_producer AS producer ON producer.id = one.producer_id
WHERE item.operation_id = %(operation)s AND item.row_no BETWEEN %(first)s AND %(last)s
  AND item.state IN ('ok', 'warned') AND one.organization_id = %(organization)s
ORDER BY one.id
FOR NO KEY UPDATE OF one
