-- Locks the batches of a span of good items, in the order of their ids, and tells what they are by now.
SELECT item.row_no, batch.id, batch.state, batch.prepared_by_id
FROM bulk_item AS item
JOIN transactions_batch AS batch ON batch.id = item.target_id
WHERE item.operation_id = %(operation)s AND item.row_no BETWEEN %(first)s AND %(last)s
  AND item.state IN ('ok', 'warned') AND batch.organization_id = %(organization)s
ORDER BY batch.id
FOR NO KEY UPDATE OF batch
