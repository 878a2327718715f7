-- Moves of transactions, one an event.
SELECT filing.organization_id, change.id AS ordinal, 'change:' || change.id AS key, change.at,
    jsonb_build_object(
        'transaction', jsonb_build_object(
            'number', 'GT-' || lpad(filing.number::text, greatest(8, length(filing.number::text)), '0'),
            'kind', filing.kind,
            'state', filing.jurisdiction,
            'cocode', filing.cocode,
            'line', filing.line_name,
            'license_number', filing.license_number,
            'registry_id', filing.registry_id
        ),
        'producer', jsonb_build_object('id', producer.id, 'npn', producer.npn),
        'old_status', change.old,
        'status', change.new,
        'operation_id', change.operation_id
    ) AS payload
FROM transactions_statuschange AS change
JOIN transactions_transaction AS filing ON filing.id = change.transaction_id
JOIN producers_producer AS producer ON producer.id = filing.producer_id
WHERE change.id > %(after)s AND change.id <= %(upto)s AND filing.organization_id = ANY(%(organizations)s)
