-- Producers with a resident license in California and others elsewhere, who hold none to all of the lines for which
-- they are to be appointed; a few have an appointment already. The same for the same number of rows.
SELECT setseed(0.5);

DELETE FROM carriers_businessrule WHERE organization_id = %(organization)s;
DELETE FROM carriers_companystate WHERE organization_id = %(organization)s;

INSERT INTO carriers_businessrule (
    organization_id, state, class_code, class_name, line_code, line_name, categories, is_active
)
SELECT %(organization)s, 'CA', '9001', 'Insurance Producer', line.code, line.name, string_to_array(line.categories, ';'),
       true
FROM unnest(%(codes)s::text[], %(names)s::text[], %(categories)s::text[]) AS line (code, name, categories);

UPDATE carriers_company SET categories = ARRAY['life', 'health'] WHERE organization_id = %(organization)s;

INSERT INTO carriers_companystate (organization_id, company_id, state, company_license_id, just_in_time, auto_submit)
SELECT %(organization)s, id, 'CA', '', false, false FROM carriers_company WHERE organization_id = %(organization)s;

INSERT INTO producers_producer (organization_id, npn, first_name, last_name, sync_status, synced_at)
SELECT %(organization)s, (3000000 + number)::text, 'Ada', 'Alder' || number, 'success', now()
FROM generate_series(1, %(rows)s) AS number;

INSERT INTO licenses_license (
    organization_id, producer_id, state, number, class_code, class_name, residency, is_active, issued_on,
    expires_on, adjuster_home_state
)
SELECT organization_id, producer.id, state.code, producer.npn || state.code, '9001', 'Insurance Producer',
       CASE state.code WHEN 'CA' THEN 'R' ELSE 'NR' END, random() < 0.95, '2020-01-01',
       current_date + (random() * 700)::int - 30, ''
FROM producers_producer AS producer CROSS JOIN unnest(ARRAY['CA', 'TX', 'FL', 'NY']) AS state (code);

INSERT INTO licenses_lineofauthority (
    organization_id, license_id, code, name, status, status_reason, ce_compliance, ce_credits_needed
)
SELECT license.organization_id, license.id, line.code, line.name, 'Active', '', '', ''
FROM licenses_license AS license
CROSS JOIN unnest(%(codes)s::text[], %(names)s::text[]) AS line (code, name)
WHERE random() < 0.7;

INSERT INTO appointments_appointment (
    organization_id, producer_id, state, cocode, company_name, line_name, line_code, status, first_effective_on,
    fein, county_code, termination_reason, agency_affiliation, state_company_id
)
SELECT license.organization_id, license.producer_id, 'CA', '90101', 'Company', line.name, line.code, 'Appointed',
       '2020-01-01', '', '', '', '', ''
FROM licenses_license AS license
JOIN licenses_lineofauthority AS line ON line.license_id = license.id
WHERE license.state = 'CA' AND random() < 0.1
