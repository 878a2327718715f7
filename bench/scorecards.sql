-- Producers with licenses in several states, lines on each, and appointments; two assignments a producer, some met
-- and some not. The same for the same number of rows.
SELECT setseed(0.5);

INSERT INTO producers_producer (organization_id, npn, first_name, last_name, sync_status, synced_at)
SELECT %(organization)s, (2000000 + number)::text, 'Ada', 'Alder' || number, 'success', now()
FROM generate_series(1, %(rows)s / 2) AS number;

INSERT INTO licenses_license (
    organization_id, producer_id, state, number, class_code, class_name, residency, is_active, issued_on,
    expires_on, adjuster_home_state
)
SELECT organization_id, producer.id, state.code, producer.npn || state.code, state.class_code, state.class_name,
       CASE state.place WHEN producer.id %% 8 THEN 'R' ELSE 'NR' END, random() < 0.95, '2020-01-01',
       current_date + (random() * 700)::int - 30, ''
FROM producers_producer AS producer
JOIN unnest(%(states)s::text[], %(class_codes)s::text[], %(class_names)s::text[])
    WITH ORDINALITY AS state (code, class_code, class_name, place)
    ON (producer.id + state.place) %% 8 < 5;

INSERT INTO licenses_lineofauthority (
    organization_id, license_id, code, name, status, status_reason, ce_compliance, ce_credits_needed
)
SELECT license.organization_id, license.id, line.code, line.name,
       CASE WHEN random() < 0.97 THEN 'Active' ELSE 'Inactive' END, '', '', ''
FROM licenses_license AS license
JOIN unnest(%(line_states)s::text[], %(line_codes)s::text[], %(line_names)s::text[])
    AS line (state, code, name) ON line.state = license.state
WHERE random() < 0.9;

INSERT INTO appointments_appointment (
    organization_id, producer_id, state, cocode, company_name, line_name, line_code, status, first_effective_on,
    fein, county_code, termination_reason, agency_affiliation, state_company_id
)
SELECT license.organization_id, license.producer_id, license.state, company.cocode, 'Company', line.name,
       line.code, CASE WHEN random() < 0.9 THEN 'Appointed' ELSE 'Terminated' END, '2020-01-01',
       '', '', '', '', ''
FROM licenses_license AS license
JOIN licenses_lineofauthority AS line ON line.license_id = license.id
CROSS JOIN unnest(%(cocodes)s::text[]) AS company (cocode)
WHERE random() < CASE company.cocode WHEN (%(cocodes)s::text[])[1] THEN 0.8 ELSE 0.2 END;

INSERT INTO assignments_assignment (
    organization_id, producer_id, identity, categories, states, cocodes, scorecard_type, agent_type
)
SELECT producer.organization_id, producer.id, gen_random_uuid(),
       CASE turn WHEN 0 THEN ARRAY['life', 'health'] ELSE ARRAY['property', 'casualty'] END,
       -- Two of three states are held, and the third is another one for each assignment.
       ARRAY(
           SELECT state.code
           FROM unnest(%(states)s::text[]) WITH ORDINALITY AS state (code, place)
           WHERE (producer.id + state.place) %% 8 IN (2, 3, 5 + turn)
       ),
       CASE turn WHEN 0 THEN (%(cocodes)s::text[])[1:1] ELSE '{}' END,
       CASE turn WHEN 0 THEN 'license_and_appointment' ELSE 'license' END, 'producer'
FROM producers_producer AS producer, generate_series(0, 1) AS turn
ORDER BY producer.id;
