-- Producers of a large carrier: each licensed in California for life, half of them appointed, a fifth of the others
-- with a filing that is held. The same for the same number of rows.
INSERT INTO producers_producer (
    organization_id, npn, first_name, last_name, sync_status, synced_at, license_states
)
SELECT %(organization)s, (3000000 + number)::text, 'Ada', 'Alder' || number, 'success',
       now() - number %% 432000 * interval '1 second', '{CA}'
FROM generate_series(1, %(rows)s) AS number;

INSERT INTO licenses_license (
    organization_id, producer_id, state, number, class_code, class_name, residency, is_active, issued_on, expires_on,
    adjuster_home_state
)
SELECT organization_id, id, 'CA', 'L' || npn, '9001', 'Insurance Producer', 'R', npn::int %% 20 > 0, '2020-01-01',
       current_date + npn::int %% 700, ''
FROM producers_producer;

INSERT INTO licenses_lineofauthority (
    organization_id, license_id, code, name, status, status_reason, ce_compliance, ce_credits_needed
)
SELECT organization_id, id, '9101', 'Life', 'Active', '', '', '' FROM licenses_license;

INSERT INTO appointments_appointment (
    organization_id, producer_id, state, cocode, company_name, line_code, line_name, status, first_effective_on, fein,
    county_code, termination_reason, agency_affiliation, state_company_id
)
SELECT organization_id, id, 'CA', %(cocode)s, 'Northstar', '9101', 'Life', 'Appointed', '2021-01-01', '', '', '', '', ''
FROM producers_producer WHERE npn::int %% 2 = 0;

INSERT INTO transactions_batch (organization_id, number, kind, state, producer_id, jurisdiction, cocode, request, facts)
SELECT organization_id, row_number() OVER (ORDER BY id), 'appointment', 'draft', id, 'CA', %(cocode)s, '{}', '{}'
FROM producers_producer WHERE npn::int %% 10 = 1;

INSERT INTO transactions_transaction (
    organization_id, batch_id, number, kind, status, failures, producer_id, jurisdiction, cocode, line_code, line_name,
    categories, just_in_time, first_business_on, file_by
)
SELECT organization_id, id, number, 'appointment', 'held', '[]', producer_id, 'CA', cocode, '9101', 'Life', '{life}',
       true, current_date, current_date + 14
FROM transactions_batch;
