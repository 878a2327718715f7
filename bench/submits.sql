-- Producers with a license in California and its four lines, each with a batch of four transactions that were let
-- go to the registry.
INSERT INTO producers_producer (organization_id, npn, first_name, last_name, sync_status, synced_at)
SELECT %(organization)s, (1000000 + number)::text, 'Ada', 'Alder' || number, 'success', now()
FROM generate_series(1, (%(rows)s + 3) / 4) AS number;

INSERT INTO licenses_license (
    organization_id, producer_id, state, number, class_code, class_name, residency, is_active, issued_on,
    expires_on, adjuster_home_state
)
SELECT organization_id, id, 'CA', npn || 'CA', '9001', 'Insurance Producer', 'R', true, '2020-01-01',
       current_date + 400, ''
FROM producers_producer;

INSERT INTO licenses_lineofauthority (
    organization_id, license_id, code, name, status, status_reason, ce_compliance, ce_credits_needed
)
SELECT license.organization_id, license.id, line.code, line.name, 'Active', '', '', ''
FROM licenses_license AS license CROSS JOIN unnest(%(codes)s::text[], %(names)s::text[]) AS line (code, name);

DELETE FROM carriers_businessrule WHERE organization_id = %(organization)s;
DELETE FROM carriers_companystate WHERE organization_id = %(organization)s;

INSERT INTO carriers_businessrule (
    organization_id, state, class_code, class_name, line_code, line_name, categories, is_active
)
SELECT %(organization)s, 'CA', '9001', 'Insurance Producer', line.code, line.name,
       string_to_array(line.categories, ';'), true
FROM unnest(%(codes)s::text[], %(names)s::text[], %(categories)s::text[]) AS line (code, name, categories);

UPDATE carriers_company SET categories = ARRAY['life', 'health'] WHERE organization_id = %(organization)s;

INSERT INTO carriers_companystate (organization_id, company_id, state, company_license_id, just_in_time, auto_submit)
SELECT %(organization)s, id, 'CA', '', false, false FROM carriers_company WHERE organization_id = %(organization)s;

INSERT INTO transactions_batch (
    organization_id, number, kind, state, producer_id, jurisdiction, cocode, company_name, request, facts
)
SELECT organization_id, row_number() OVER (ORDER BY id), 'appointment', 'submitted', id, 'CA', '90101',
       'Company 90101', '{}', '{}'
FROM producers_producer;

INSERT INTO transactions_transaction (
    organization_id, batch_id, number, kind, status, failures, producer_id, jurisdiction, cocode, company_name,
    line_code, line_name, categories, class_code, license_id, license_number, released_at, next_at
)
SELECT batch.organization_id, batch.id, row_number() OVER (ORDER BY batch.id, line.code), 'appointment', 'ready',
       '[]', batch.producer_id, 'CA', '90101', 'Company 90101', line.code, line.name,
       ARRAY['life', 'health'], '9001', license.id, license.number, now(), now()
FROM transactions_batch AS batch
JOIN licenses_license AS license ON license.producer_id = batch.producer_id
CROSS JOIN unnest(%(codes)s::text[], %(names)s::text[]) AS line (code, name)
ORDER BY batch.id, line.code
LIMIT %(rows)s
