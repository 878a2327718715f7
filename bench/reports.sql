-- Producers of a large carrier, each with a license and an appointment in ten states; nine of ten in force still. The
-- same for the same number of rows.
INSERT INTO producers_producer (organization_id, npn, first_name, last_name, sync_status, synced_at, license_states)
SELECT %(organization)s, (3000000 + number)::text, 'Ada', 'Alder' || number, 'success', now(), '{CA}'
FROM generate_series(1, ceil(%(rows)s / 9.0)::int) AS number;

INSERT INTO licenses_license (
    organization_id, producer_id, state, number, class_code, class_name, residency, is_active, issued_on, expires_on,
    adjuster_home_state
)
SELECT organization_id, id, state, state || npn, '9001', 'Insurance Producer', CASE state WHEN 'CA' THEN 'R' ELSE 'NR' END,
       true, '2020-01-01', current_date + npn::int %% 700, ''
FROM producers_producer, unnest('{CA,NV,TX,FL,NY,IL,OH,PA,GA,WA}'::text[]) AS state;

INSERT INTO appointments_appointment (
    organization_id, producer_id, state, cocode, company_name, line_code, line_name, status, first_effective_on, fein,
    county_code, termination_reason, agency_affiliation, state_company_id
)
SELECT organization_id, producer_id, state, '90101', 'Northstar Life', '9101',
       CASE WHEN producer_id %% 3 = 0 THEN 'Accident & Health or Sickness (including Disability)' ELSE 'Life' END,
       CASE WHEN (producer_id + ascii(state)) %% 10 = 0 THEN 'Terminated' ELSE 'Appointed' END, '2021-01-01',
       '', '', '', '', ''
FROM licenses_license;
