-- Refuses each item of a selection that an earlier one stands for too.
WITH twin AS (
    SELECT row_no, state, row_number() OVER (PARTITION BY target_id ORDER BY row_no) AS place
    FROM bulk_item
    WHERE operation_id = %(operation)s AND state IN ('ok', 'warned', 'applied')
), refused AS (
    UPDATE bulk_item AS item SET state = 'rejected'
    FROM twin
    WHERE item.operation_id = %(operation)s AND item.row_no = twin.row_no
      AND twin.place > 1 AND twin.state IN ('ok', 'warned')
    RETURNING item.row_no
)
INSERT INTO bulk_finding (operation_id, row_no, code, severity, params)
SELECT %(operation)s, row_no, %(code)s, 'error', '{}' FROM refused ORDER BY row_no
