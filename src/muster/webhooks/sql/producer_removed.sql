-- Producers who have left the organization, one an event, however they were removed.
SELECT change.organization_id, change.id AS ordinal, 'change:' || change.id AS key, change.at,
    jsonb_build_object(
        'producer', jsonb_build_object('id', change.producer_id, 'npn', change.about ->> 'npn'),
        'removed_at', change.new ->> 'removed_at',
        'operation_id', change.operation_id
    ) AS payload
FROM history_change AS change
WHERE change.id > %(after)s AND change.id <= %(upto)s AND change.kind = 'producer'
  AND change.new ->> 'removed_at' IS NOT NULL
  AND change.organization_id = ANY(%(organizations)s)
