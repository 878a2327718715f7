-- Producers with a license in each of five states, and there an appointment in force with one of two companies. The
-- same for the same number of rows.
INSERT INTO producers_producer (organization_id, npn, first_name, last_name, sync_status, synced_at)
SELECT %(organization)s, (3000000 + number)::text, 'Ada', 'Alder' || number, 'success', now()
FROM generate_series(1, %(producers)s) AS number;

INSERT INTO licenses_license (
    organization_id, producer_id, state, number, class_code, class_name, residency, is_active, issued_on,
    expires_on, adjuster_home_state
)
SELECT organization_id, producer.id, state.code, producer.npn || state.code, '9001', 'Insurance Producer',
       CASE state.code WHEN 'CA' THEN 'R' ELSE 'NR' END, true, '2020-01-01', current_date + 365, ''
FROM producers_producer AS producer CROSS JOIN unnest(%(states)s::text[]) AS state (code);

INSERT INTO appointments_appointment (
    organization_id, producer_id, state, cocode, company_name, line_name, line_code, status, first_effective_on,
    fein, county_code, termination_reason, agency_affiliation, state_company_id
)
SELECT license.organization_id, license.producer_id, license.state, company.cocode, 'Company ' || company.cocode, line.name,
       line.code, 'Appointed', '2020-01-01', '', '', '', '', ''
FROM licenses_license AS license
CROSS JOIN unnest(%(cocodes)s::text[]) AS company (cocode)
CROSS JOIN (VALUES ('9101', 'Life'), ('9155', 'Accident & Health or Sickness (including Disability)')) AS line (code, name)
