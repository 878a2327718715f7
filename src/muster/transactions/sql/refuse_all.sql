-- Refuses every item that was still good, each with the same finding.
WITH refused AS (
    UPDATE bulk_item SET state = 'rejected'
    WHERE operation_id = %(operation)s AND state IN ('ok', 'warned')
    RETURNING row_no
)
INSERT INTO bulk_finding (operation_id, row_no, code, severity, params)
SELECT %(operation)s, row_no, %(code)s, 'error', %(params)s::jsonb FROM refused ORDER BY row_no
