-- Writes the good rows of a span: producers, their assignments, and what became of each row. One statement.
-- A producer whose row says nothing new is not touched. The registry's name wins once it has answered.
WITH told AS MATERIALIZED (
    SELECT item.row_no,
           item.key AS npn,
           (item.data ->> 'agency_id')::bigint AS agency_id,
           item.data ->> 'first_name' AS first_name,
           item.data ->> 'last_name' AS last_name,
           item.data ->> 'email' AS email,
           item.data ->> 'ssn' AS ssn_sealed,
           item.data ->> 'ssn_last4' AS ssn_last4,
           item.data ->> 'ssn_index' AS ssn_index,
           (item.data ->> 'assignment')::uuid AS assignment,
           item.data
    FROM bulk_item AS item
    WHERE item.operation_id = %(operation)s
      AND item.row_no BETWEEN %(first)s AND %(last)s
      AND item.state IN ('ok', 'warned')
), person AS (
    -- Rows about the same producer agree (contradictions were rejected), so any value that is there is the value.
    SELECT npn, min(row_no) AS row_no, max(agency_id) AS agency_id, max(first_name) AS first_name,
           max(last_name) AS last_name, max(email) AS email,
           (array_agg(ssn_sealed) FILTER (WHERE ssn_sealed IS NOT NULL))[1] AS ssn_sealed,
           max(ssn_last4) AS ssn_last4, max(ssn_index) AS ssn_index
    FROM told GROUP BY npn
), written AS (
    INSERT INTO producers_producer AS producer (
        organization_id, npn, agency_id, first_name, last_name, file_first_name, file_last_name, email,
        ssn_sealed, ssn_last4, ssn_index, sync_status, sync_next_at
    )
    SELECT %(organization)s, npn, agency_id, first_name, last_name, first_name, last_name, coalesce(email, ''),
           ssn_sealed, ssn_last4, ssn_index, 'queued', now()
    FROM person ORDER BY row_no
    ON CONFLICT (organization_id, npn) DO UPDATE SET
        agency_id = excluded.agency_id,
        first_name = CASE WHEN producer.synced_at IS NULL THEN excluded.first_name ELSE producer.first_name END,
        last_name = CASE WHEN producer.synced_at IS NULL THEN excluded.last_name ELSE producer.last_name END,
        file_first_name = excluded.file_first_name,
        file_last_name = excluded.file_last_name,
        email = coalesce(nullif(excluded.email, ''), producer.email),
        ssn_sealed = coalesce(excluded.ssn_sealed, producer.ssn_sealed),
        ssn_last4 = coalesce(excluded.ssn_last4, producer.ssn_last4),
        ssn_index = coalesce(excluded.ssn_index, producer.ssn_index),
        updated_at = now()
    WHERE producer.agency_id IS DISTINCT FROM excluded.agency_id
       OR producer.file_first_name <> excluded.file_first_name
       OR producer.file_last_name <> excluded.file_last_name
       OR (excluded.email <> '' AND producer.email <> excluded.email)
       OR (excluded.ssn_index IS NOT NULL AND producer.ssn_index IS DISTINCT FROM excluded.ssn_index)
    RETURNING id, npn, (xmax = 0) AS is_new
), target AS (
    SELECT written.npn, written.id, written.is_new, true AS changed FROM written
    UNION ALL
    SELECT producer.npn, producer.id, false, false
    FROM person JOIN producers_producer AS producer
      ON producer.organization_id = %(organization)s AND producer.npn = person.npn
    WHERE NOT EXISTS (SELECT FROM written WHERE written.npn = person.npn)
), assigned AS (
    INSERT INTO assignments_assignment (
        organization_id, producer_id, identity, categories, states, cocodes, scorecard_type, agent_type, operation_id
    )
    SELECT DISTINCT ON (target.id, told.assignment)
           %(organization)s, target.id, told.assignment,
           ARRAY(SELECT jsonb_array_elements_text(told.data -> 'categories')),
           ARRAY(SELECT jsonb_array_elements_text(told.data -> 'states')),
           ARRAY(SELECT jsonb_array_elements_text(coalesce(told.data -> 'cocodes', '[]'))),
           told.data ->> 'scorecard_type', told.data ->> 'agent_type', %(operation)s
    FROM told JOIN target USING (npn)
    WHERE told.assignment IS NOT NULL
    ORDER BY target.id, told.assignment, told.row_no
    ON CONFLICT (producer_id, identity) DO NOTHING
    RETURNING producer_id, identity
), outcome AS (
    SELECT told.row_no, target.id AS target_id,
           CASE
               WHEN person.row_no = told.row_no AND target.is_new THEN 'created'
               WHEN person.row_no = told.row_no AND target.changed THEN 'updated'
               WHEN assigned.identity IS NOT NULL THEN 'updated'
               ELSE 'unchanged'
           END AS name
    FROM told
    JOIN person USING (npn)
    JOIN target USING (npn)
    LEFT JOIN assigned ON assigned.producer_id = target.id AND assigned.identity = told.assignment
)
UPDATE bulk_item AS item
SET state = 'applied', outcome = outcome.name, target_id = outcome.target_id
FROM outcome
WHERE item.operation_id = %(operation)s AND item.row_no = outcome.row_no
