-- What the good rows of a span say of business rules, and what is on file of them. Rows about one rule agree.
told AS MATERIALIZED (
    SELECT item.row_no, item.key, item.data - 'period' AS data
    FROM bulk_item AS item
    WHERE item.operation_id = %(operation)s
      AND item.row_no BETWEEN %(first)s AND %(last)s
      AND item.state IN ('ok', 'warned')
), merged AS MATERIALIZED (
    SELECT told.key, min(told.row_no) AS row_no, jsonb_object_agg(field.key, field.value) AS data
    FROM told CROSS JOIN LATERAL jsonb_each(told.data) AS field
    GROUP BY told.key
), thing AS MATERIALIZED (
    SELECT merged.key, merged.row_no, rule.id AS target_id, to_jsonb(rule) AS old,
           coalesce(to_jsonb(rule), %(blank)s::jsonb) || merged.data AS new
    FROM merged LEFT JOIN carriers_businessrule AS rule
      ON rule.organization_id = %(organization)s
     AND rule.state = merged.data ->> 'state'
     AND rule.class_code = merged.data ->> 'class_code'
     AND rule.class_name = merged.data ->> 'class_name'
     AND rule.line_code = merged.data ->> 'line_code'
     AND rule.line_name = merged.data ->> 'line_name'
)
