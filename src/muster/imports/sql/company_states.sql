-- What the good rows of a span say of the states in which companies appoint, and what is on file of them.
-- A row holds for each of its states. Rows about one company and state agree.
told AS MATERIALIZED (
    SELECT item.row_no, item.key AS cocode, state.code, item.key || ' ' || state.code AS key,
           item.data - ARRAY['cocode', 'states', 'period'] AS data
    FROM bulk_item AS item CROSS JOIN LATERAL jsonb_array_elements_text(item.data -> 'states') AS state (code)
    WHERE item.operation_id = %(operation)s
      AND item.row_no BETWEEN %(first)s AND %(last)s
      AND item.state IN ('ok', 'warned')
), merged AS MATERIALIZED (
    SELECT told.key, told.cocode, told.code, min(told.row_no) AS row_no,
           coalesce(jsonb_object_agg(field.key, field.value) FILTER (WHERE field.key IS NOT NULL), '{}') AS data
    FROM told LEFT JOIN LATERAL jsonb_each(told.data) AS field ON true
    GROUP BY told.key, told.cocode, told.code
), thing AS MATERIALIZED (
    SELECT merged.key, merged.code, merged.row_no, company.id AS target_id, to_jsonb(setting) AS old,
           coalesce(to_jsonb(setting), %(blank)s::jsonb) || merged.data AS new
    FROM merged
    JOIN carriers_company AS company
      ON company.organization_id = %(organization)s AND company.cocode = merged.cocode
    LEFT JOIN carriers_companystate AS setting
      ON setting.company_id = company.id AND setting.state = merged.code
)
