-- Operations that have ended: one that was mended and went on ends more than once.
SELECT event.organization_id, event.id AS ordinal, 'event:' || event.id AS key, event.at,
    jsonb_build_object(
        'operation', jsonb_build_object(
            'id', operation.id,
            'kind', operation.kind,
            'state', event.data ->> 'state',
            'rows', operation.rows,
            'outcomes', event.data -> 'outcomes',
            'started_at', operation.started_at,
            'finished_at', event.at
        )
    ) AS payload
FROM audit_event AS event JOIN bulk_operation AS operation ON operation.id = event.operation_id
WHERE event.id > %(after)s AND event.id <= %(upto)s AND event.kind = 'operation:finish'
  AND event.organization_id = ANY(%(organizations)s)
