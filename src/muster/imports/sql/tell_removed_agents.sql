-- Warns of good rows that name a producer who was removed: processing them adds the producer again.
WITH told AS (
    SELECT item.row_no, item.key AS npn, to_char(producer.removed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day
    FROM producers_producer AS producer
    JOIN bulk_item AS item ON item.operation_id = %(operation)s AND item.key = producer.npn
    WHERE producer.organization_id = %(organization)s AND producer.removed_at IS NOT NULL
      AND item.state IN ('ok', 'warned')
      AND NOT EXISTS (
          SELECT FROM bulk_finding AS found
          WHERE found.operation_id = item.operation_id AND found.row_no = item.row_no AND found.code = 'AGENT-W001'
      )
),
warned AS (
    UPDATE bulk_item AS item SET state = 'warned' FROM told
    WHERE item.operation_id = %(operation)s AND item.row_no = told.row_no
)
INSERT INTO bulk_finding (operation_id, row_no, code, severity, field, value, params)
SELECT %(operation)s, row_no, 'AGENT-W001', 'warning', %(field)s, npn, jsonb_build_object('day', day)
FROM told ORDER BY row_no
