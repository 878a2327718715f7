-- The producers of this batch themselves. An SSN on record is kept; the registry's fills a gap only.
UPDATE producers_producer AS producer
SET kind = told.kind,
    first_name = left(told.first_name, 100),
    middle_name = left(told.middle_name, 100),
    last_name = left(told.last_name, 200),
    name_suffix = left(told.name_suffix, 20),
    file_first_name = told.file_first_name,
    file_last_name = told.file_last_name,
    name_differs = told.name_differs,
    born_on = coalesce(told.born_on, producer.born_on),
    other_names = told.other_names,
    license_states = ARRAY(
        SELECT DISTINCT license.state
        FROM licenses_license AS license
        WHERE license.producer_id = producer.id AND license.gone_at IS NULL
        ORDER BY license.state
    ),
    ssn_sealed = coalesce(producer.ssn_sealed, told.ssn_sealed),
    ssn_last4 = coalesce(producer.ssn_last4, told.ssn_last4),
    ssn_index = coalesce(producer.ssn_index, told.ssn_index),
    sync_status = CASE WHEN producer.sync_again THEN 'queued' ELSE told.status END,
    sync_reason = '',
    sync_notes = told.notes,
    sync_attempts = 0,
    sync_next_at = CASE WHEN producer.sync_again THEN %(now)s::timestamptz END,
    sync_again = false,
    sync_claimed_at = NULL,
    synced_at = %(now)s,
    updated_at = %(now)s
FROM told_producer AS told
WHERE producer.id = told.id
