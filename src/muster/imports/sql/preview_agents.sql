-- What the good rows would come to if they were processed now, by outcome. Who was removed is added again.
WITH told AS (
    SELECT item.key AS npn, item.row_no, item.data,
           row_number() OVER (PARTITION BY item.key ORDER BY item.row_no) = 1 AS is_first
    FROM bulk_item AS item
    WHERE item.operation_id = %(operation)s AND item.state IN ('ok', 'warned')
), judged AS (
    SELECT CASE
        WHEN (producer.id IS NULL OR producer.removed_at IS NOT NULL) AND told.is_first THEN 'created'
        WHEN producer.id IS NULL THEN CASE WHEN told.data ? 'assignment' THEN 'updated' ELSE 'unchanged' END
        WHEN told.is_first AND (
            producer.agency_id IS DISTINCT FROM (told.data ->> 'agency_id')::bigint
            OR producer.file_first_name <> told.data ->> 'first_name'
            OR producer.file_last_name <> told.data ->> 'last_name'
            OR coalesce(told.data ->> 'email', producer.email) <> producer.email
            OR coalesce(told.data ->> 'ssn_index', producer.ssn_index) IS DISTINCT FROM producer.ssn_index
        ) THEN 'updated'
        WHEN told.data ? 'assignment' AND NOT EXISTS (
            SELECT FROM assignments_assignment AS assignment
            WHERE assignment.producer_id = producer.id
              AND assignment.identity = (told.data ->> 'assignment')::uuid
        ) THEN 'updated'
        ELSE 'unchanged'
    END AS outcome
    FROM told
    LEFT JOIN producers_producer AS producer
      ON producer.organization_id = %(organization)s AND producer.npn = told.npn
)
SELECT outcome, count(*) FROM judged GROUP BY outcome
