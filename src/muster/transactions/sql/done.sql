-- Says of items that they are done, with what came of each.
UPDATE bulk_item AS item
SET state = 'applied', outcome = %(outcome)s, result = done.result::jsonb
FROM unnest(%(rows)s::int[], %(results)s::text[]) AS done (row_no, result)
WHERE item.operation_id = %(operation)s AND item.row_no = done.row_no
