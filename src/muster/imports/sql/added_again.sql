-- Says of the first row of each producer who was taken up again that it has added the producer again.
UPDATE bulk_item AS item
SET outcome = 'created', result = '{"again": true}'
FROM (
    SELECT DISTINCT ON (told.target_id) told.row_no
    FROM bulk_item AS told
    WHERE told.operation_id = %(operation)s AND told.row_no BETWEEN %(first)s AND %(last)s
      AND told.state = 'applied' AND told.target_id = ANY(%(ids)s)
    ORDER BY told.target_id, told.row_no
) AS again
WHERE item.operation_id = %(operation)s AND item.row_no = again.row_no
