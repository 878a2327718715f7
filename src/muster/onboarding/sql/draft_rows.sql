-- Makes a draft of each good row of the span; one that failed before is begun again with what the row says now.
WITH chosen AS MATERIALIZED (
    SELECT row_no, data FROM bulk_item
    WHERE operation_id = %(operation)s AND state IN ('ok', 'warned') AND row_no BETWEEN %(first)s AND %(last)s
), written AS (
    INSERT INTO onboarding_draft AS draft (
        organization_id, operation_id, row_no, identified_by, npn, email, last_name, gender, ssn_sealed,
        ssn_last4, ssn_index, is_readded, started_by_id, touched_by_id
    )
    SELECT %(organization)s, %(operation)s, row_no, 'npn', data ->> 'npn', coalesce(data ->> 'email', ''),
           data ->> 'last_name', coalesce(data ->> 'gender', ''), data ->> 'ssn', data ->> 'ssn_last4',
           data ->> 'ssn_index', coalesce((data ->> 'is_readded')::boolean, false), %(by)s, %(by)s
    FROM chosen
    ON CONFLICT (operation_id, row_no) WHERE operation_id IS NOT NULL DO UPDATE
    SET npn = excluded.npn, email = excluded.email, last_name = excluded.last_name, gender = excluded.gender,
        ssn_sealed = excluded.ssn_sealed, ssn_last4 = excluded.ssn_last4, ssn_index = excluded.ssn_index,
        is_readded = excluded.is_readded, status = 'identified', why = NULL, details = '{}', attempts = 0,
        next_at = NULL, version = draft.version + 1, touched_at = now(), touched_by_id = excluded.touched_by_id
    WHERE draft.status = 'failed'
    RETURNING id, row_no
)
UPDATE bulk_item AS item
SET state = 'applied', outcome = CASE WHEN written.id IS NULL THEN 'unchanged' ELSE 'created' END,
    target_id = written.id
FROM chosen LEFT JOIN written USING (row_no)
WHERE item.operation_id = %(operation)s AND item.row_no = chosen.row_no
