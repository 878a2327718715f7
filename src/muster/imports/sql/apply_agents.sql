-- Writes the good rows of a span: producers, their assignments, and what became of each row.
-- A producer whose row says nothing new is not touched. The registry's name wins once it has answered.
-- The working tables are analyzed: without figures the planner joins them row by row.

CREATE TEMPORARY TABLE IF NOT EXISTS agent_row (
    row_no int, npn text, agency_id bigint, first_name text, last_name text, email text, ssn_sealed text,
    ssn_last4 text, ssn_index text, assignment uuid, categories jsonb, states jsonb, cocodes jsonb,
    scorecard_type text, agent_type text, tells_assignment_first boolean
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS agent_person (
    npn text, row_no int, agency_id bigint, first_name text, last_name text, email text, ssn_sealed text,
    ssn_last4 text, ssn_index text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS agent_target (
    npn text, producer_id bigint, is_new boolean, changed boolean
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS agent_assigned (
    producer_id bigint, assignment uuid
) ON COMMIT DELETE ROWS;
DELETE FROM agent_row;
DELETE FROM agent_person;
DELETE FROM agent_target;
DELETE FROM agent_assigned;

INSERT INTO agent_row
SELECT item.row_no, item.key, told.agency_id, told.first_name, told.last_name, told.email, told.ssn,
       told.ssn_last4, told.ssn_index, told.assignment, told.categories, told.states, told.cocodes,
       told.scorecard_type, told.agent_type,
       row_number() OVER (PARTITION BY item.key, told.assignment ORDER BY item.row_no) = 1
FROM bulk_item AS item, jsonb_to_record(item.data) AS told (
    agency_id bigint, first_name text, last_name text, email text, ssn text, ssn_last4 text, ssn_index text,
    assignment uuid, categories jsonb, states jsonb, cocodes jsonb, scorecard_type text, agent_type text
)
WHERE item.operation_id = %(operation)s
  AND item.row_no BETWEEN %(first)s AND %(last)s
  AND item.state IN ('ok', 'warned');
ANALYZE agent_row (npn, row_no, assignment);

-- Rows about the same producer agree (contradictions were rejected), so any value that is there is the value.
INSERT INTO agent_person
SELECT npn, min(row_no), max(agency_id), max(first_name), max(last_name), max(email),
       (array_agg(ssn_sealed) FILTER (WHERE ssn_sealed IS NOT NULL))[1], max(ssn_last4), max(ssn_index)
FROM agent_row GROUP BY npn;

WITH written AS (
    INSERT INTO producers_producer AS producer (
        organization_id, npn, agency_id, first_name, last_name, file_first_name, file_last_name, email,
        ssn_sealed, ssn_last4, ssn_index, sync_status, sync_next_at
    )
    SELECT %(organization)s, npn, agency_id, first_name, last_name, first_name, last_name, coalesce(email, ''),
           ssn_sealed, ssn_last4, ssn_index, 'queued', now()
    FROM agent_person ORDER BY npn -- the same order everywhere, so that two imports do not wait for each other
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
)
INSERT INTO agent_target SELECT npn, id, is_new, true FROM written;

INSERT INTO agent_target
SELECT person.npn, producer.id, false, false
FROM agent_person AS person
JOIN producers_producer AS producer ON producer.organization_id = %(organization)s AND producer.npn = person.npn
WHERE NOT EXISTS (SELECT FROM agent_target AS target WHERE target.npn = person.npn);
ANALYZE agent_person (npn);
ANALYZE agent_target (npn, producer_id);

WITH assigned AS (
    INSERT INTO assignments_assignment (
        organization_id, producer_id, identity, categories, states, cocodes, scorecard_type, agent_type, operation_id
    )
    SELECT %(organization)s, target.producer_id, told.assignment,
           ARRAY(SELECT jsonb_array_elements_text(told.categories)),
           ARRAY(SELECT jsonb_array_elements_text(told.states)),
           ARRAY(SELECT jsonb_array_elements_text(coalesce(told.cocodes, '[]'))),
           told.scorecard_type, told.agent_type, %(operation)s
    FROM agent_row AS told JOIN agent_target AS target USING (npn)
    WHERE told.assignment IS NOT NULL AND told.tells_assignment_first
    ON CONFLICT (producer_id, identity) DO NOTHING
    RETURNING producer_id, identity
)
INSERT INTO agent_assigned SELECT producer_id, identity FROM assigned;
ANALYZE agent_assigned (producer_id, assignment);

UPDATE bulk_item AS item
SET state = 'applied', outcome = became.outcome, target_id = became.target_id
FROM (
    SELECT told.row_no, target.producer_id AS target_id,
           CASE
               WHEN person.row_no = told.row_no AND target.is_new THEN 'created'
               WHEN person.row_no = told.row_no AND target.changed THEN 'updated'
               WHEN assigned.assignment IS NOT NULL AND told.tells_assignment_first THEN 'updated'
               ELSE 'unchanged'
           END AS outcome
    FROM agent_row AS told
    JOIN agent_person AS person USING (npn)
    JOIN agent_target AS target USING (npn)
    LEFT JOIN agent_assigned AS assigned
      ON assigned.producer_id = target.producer_id AND assigned.assignment = told.assignment
) AS became
WHERE item.operation_id = %(operation)s AND item.row_no = became.row_no
  AND item.row_no BETWEEN %(first)s AND %(last)s
