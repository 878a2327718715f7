-- What the good rows of a span say of companies, and what is on file of them. Rows about one company agree.
told AS MATERIALIZED (
    SELECT item.row_no, item.key, item.data - 'cocode' AS data
    FROM bulk_item AS item
    WHERE item.operation_id = %(operation)s
      AND item.row_no BETWEEN %(first)s AND %(last)s
      AND item.state IN ('ok', 'warned')
), merged AS MATERIALIZED (
    SELECT told.key, min(told.row_no) AS row_no, jsonb_object_agg(field.key, field.value) AS data
    FROM told CROSS JOIN LATERAL jsonb_each(told.data) AS field
    GROUP BY told.key
), thing AS MATERIALIZED (
    SELECT merged.key, merged.row_no, company.id AS target_id, to_jsonb(company) AS old,
           coalesce(to_jsonb(company), %(blank)s::jsonb) || merged.data AS new
    FROM merged LEFT JOIN carriers_company AS company
      ON company.organization_id = %(organization)s AND company.cocode = merged.key
)
