-- What one transaction changed of one producer's licenses, gathered into one event. Some of it may lie beyond
-- `upto`, for others wrote in between: it is gathered all the same, and found to be told when it is met again.
WITH touched AS MATERIALIZED (
    SELECT change.organization_id, change.producer_id, change.at, change.xmin::text AS written,
        min(change.id) AS ordinal
    FROM history_change AS change
    WHERE change.id > %(after)s AND change.id <= %(upto)s AND change.kind = 'license'
      AND change.organization_id = ANY(%(organizations)s)
    GROUP BY 1, 2, 3, 4
)
SELECT touched.organization_id, touched.ordinal,
    touched.producer_id || ':' || extract(epoch FROM touched.at) || ':' || touched.written AS key,
    touched.at,
    jsonb_build_object(
        'producer', jsonb_build_object('id', touched.producer_id, 'npn', producer.npn),
        'source', gathered.source,
        'operation_id', gathered.operation_id,
        'licenses', gathered.licenses
    ) AS payload
FROM touched
LEFT JOIN producers_producer AS producer ON producer.id = touched.producer_id
CROSS JOIN LATERAL (
    SELECT min(change.source) AS source, min(change.operation_id::text) AS operation_id,
        jsonb_agg(
            jsonb_build_object(
                'id', change.record_id,
                'state', change.state,
                'number', change.about ->> 'number',
                'class', change.about ->> 'class_name',
                'change', change.verb,
                'old', change.old,
                'new', change.new
            )
            ORDER BY change.id
        ) AS licenses
    FROM history_change AS change
    WHERE change.producer_id = touched.producer_id AND change.at = touched.at AND change.kind = 'license'
      AND change.organization_id = touched.organization_id AND change.xmin::text = touched.written
) AS gathered
