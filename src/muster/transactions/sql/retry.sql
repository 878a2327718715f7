-- Makes a new transaction of each of these that are locked, as they were judged anew, in the same batch.
INSERT INTO transactions_transaction (
    organization_id, batch_id, number, kind, status, reason, failures, producer_id, jurisdiction, cocode,
    company_name, line_code, line_name, categories, class_code, license_id, license_number, county,
    appointment_type, effective_on, just_in_time, first_business_on, file_by, state_fee, registry_fee,
    retry_of_id, prepared_by_id, note, termination_reason, for_cause, request_note,
    lines, paid_by, renews_from
)
SELECT one.organization_id, one.batch_id, %(first_number)s + row_number() OVER (ORDER BY one.id) - 1,
       one.kind, judged.status, judged.reason, judged.failures::jsonb, one.producer_id, one.jurisdiction,
       one.cocode, one.company_name, one.line_code, one.line_name, one.categories, one.class_code,
       coalesce(judged.license_id, one.license_id),
       coalesce(nullif(judged.license_number, ''), one.license_number), one.county,
       one.appointment_type, one.effective_on, judged.just_in_time, one.first_business_on, one.file_by,
       one.state_fee, one.registry_fee, one.id, %(by)s, %(note)s,
       one.termination_reason, one.for_cause, one.request_note,
       one.lines, one.paid_by, one.renews_from
FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(reasons)s::text[], %(failures)s::text[],
            %(just_in_time)s::boolean[], %(licenses)s::bigint[], %(numbers)s::text[])
     AS judged (id, status, reason, failures, just_in_time, license_id, license_number)
JOIN transactions_transaction AS one ON one.id = judged.id
ORDER BY one.id
RETURNING retry_of_id, number
