-- Producers whom the good rows of the span name, and who were removed.
SELECT producer.id
FROM producers_producer AS producer
WHERE producer.organization_id = %(organization)s AND producer.removed_at IS NOT NULL
  AND producer.npn IN (
      SELECT item.key FROM bulk_item AS item
      WHERE item.operation_id = %(operation)s AND item.row_no BETWEEN %(first)s AND %(last)s
        AND item.state IN ('ok', 'warned')
  )
