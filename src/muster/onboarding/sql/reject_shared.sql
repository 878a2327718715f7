-- Rejects rows of different keys that tell the same in a field in which no two may; each is told the first row of
-- another key. By windows: joins of what is not analyzed yet may be planned as loops over all rows.
WITH told AS (
    SELECT row_no, key, state, lower(data ->> %(name)s) AS value FROM bulk_item
    WHERE operation_id = %(operation)s AND key IS NOT NULL AND data ->> %(name)s <> '' AND state <> 'skipped'
), first AS (
    SELECT row_no, key, state, value, first_value(key) OVER (PARTITION BY value ORDER BY row_no) AS first_key
    FROM told
), seen AS (
    SELECT row_no, key, state, first_key, min(row_no) OVER same AS first_row,
           min(row_no) FILTER (WHERE key <> first_key) OVER same AS other_row
    FROM first WINDOW same AS (PARTITION BY value)
), wrong AS MATERIALIZED (
    SELECT row_no, CASE WHEN key = first_key THEN other_row ELSE first_row END AS twin
    FROM seen WHERE other_row IS NOT NULL AND state IN ('ok', 'warned', 'rejected')
), noted AS (
    INSERT INTO bulk_finding (operation_id, row_no, code, severity, field, value, params)
    SELECT %(operation)s, row_no, %(code)s, 'error', %(field)s, NULL, jsonb_build_object('twin', twin)
    FROM wrong
)
UPDATE bulk_item AS item SET state = 'rejected'
WHERE item.operation_id = %(operation)s AND item.row_no = ANY(ARRAY(SELECT row_no FROM wrong))
