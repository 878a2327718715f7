-- Rejects rows that say otherwise of one company and state than another row does. A blank says nothing.
-- Each row that contradicts is told the first row that says otherwise.
WITH told AS MATERIALIZED (
    SELECT item.row_no, item.state AS row_state, item.key || ' ' || state.code AS key, field.name,
           item.data ->> field.name AS value
    FROM bulk_item AS item
    CROSS JOIN LATERAL jsonb_array_elements_text(item.data -> 'states') AS state (code)
    CROSS JOIN unnest(%(fields)s::text[]) AS field (name)
    WHERE item.operation_id = %(operation)s AND item.key IS NOT NULL AND item.data ? field.name
), version AS (
    SELECT key, name, value, min(row_no) AS first_row FROM told GROUP BY key, name, value
), contradicted AS MATERIALIZED (
    SELECT key, name,
           (array_agg(value ORDER BY first_row))[1] AS first_value,
           (array_agg(first_row ORDER BY first_row))[1] AS first_row,
           (array_agg(first_row ORDER BY first_row))[2] AS other_row
    FROM version GROUP BY key, name HAVING count(*) > 1
), wrong AS MATERIALIZED (
    -- A row of many states is told once a field.
    SELECT DISTINCT ON (told.row_no, told.name) told.row_no, told.key, told.name, told.value,
           CASE WHEN told.value = first_value THEN other_row ELSE first_row END AS twin
    FROM told JOIN contradicted USING (key, name)
    WHERE told.row_state IN ('ok', 'warned', 'rejected')
    ORDER BY told.row_no, told.name, told.key
), noted AS (
    INSERT INTO bulk_finding (operation_id, row_no, code, severity, field, value, params)
    SELECT %(operation)s, row_no, %(code)s, 'error', header, value, jsonb_build_object('key', key, 'twin', twin)
    FROM wrong JOIN unnest(%(fields)s::text[], %(headers)s::text[]) AS shown (name, header) USING (name)
)
UPDATE bulk_item AS item SET state = 'rejected'
WHERE item.operation_id = %(operation)s AND item.row_no IN (SELECT row_no FROM wrong)
