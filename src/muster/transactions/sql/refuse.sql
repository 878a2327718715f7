-- Says of items that it came to nothing; why, a finding tells.
UPDATE bulk_item SET state = 'rejected', outcome = 'rejected'
WHERE operation_id = %(operation)s AND row_no = ANY(%(rows)s)
