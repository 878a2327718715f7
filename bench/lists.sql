-- Producers as a large organization has them: names that many share, agencies imported batch by batch, licenses
-- near the agency's home, a last batch that still waits for its sync. The same for the same number of rows.
SELECT setseed(0.5);

INSERT INTO producers_producer (
    organization_id, agency_id, npn, first_name, last_name, file_first_name, file_last_name, email,
    sync_status, sync_reason, synced_at, name_differs, license_states, created_at
)
SELECT %(organization)s,
       CASE WHEN random() < 0.98 THEN made.agencies[made.agency] END,
       made.npn, made.first, made.last, made.first, made.last, 'producer' || made.npn || '@mail.example',
       made.status,
       CASE WHEN made.status LIKE 'success%%' THEN '' ELSE 'The registry did not answer in time.' END,
       CASE WHEN made.status LIKE 'success%%' OR random() < 0.01 THEN now() - random() * interval '5 days' END,
       made.status = 'success' AND random() < 0.01,
       CASE WHEN made.status = 'success' THEN ARRAY(
           SELECT DISTINCT picked.state
           FROM generate_series(0, floor(-ln(1 - random()) / 0.75)::int) AS other,
                LATERAL (SELECT made.states[1 + floor(
                    CASE WHEN other = 0 AND made.stays THEN made.agency %% 56 ELSE 56 * random() ^ 2 END
                )::int] AS state) AS picked
           ORDER BY picked.state
       ) ELSE '{}' END,
       now() - interval '90 days' + made.number * interval '1 second'
FROM (
    SELECT number,
           %(agencies)s::bigint[] AS agencies,
           %(states)s::text[] AS states,
           random() < 0.7 AS stays,
           1 + (hashint4(number / 500) & 1023) * (hashint4(number / 500 + 7) & 1023) / 1024
               %% cardinality(%(agencies)s::bigint[]) AS agency,
           -- A bijection, so that numbers are unique and in no order.
           (1000000 + (number::bigint * 7368787) %% 9000011)::text AS npn,
           (%(first)s::text[])[1 + floor(cardinality(%(first)s::text[]) * random() ^ 2)::int] AS first,
           (%(last)s::text[])[1 + floor(cardinality(%(last)s::text[]) * random() ^ 2)::int] AS last,
           CASE WHEN number > %(rows)s * 0.97 THEN
               (ARRAY['queued', 'queued', 'processing', 'not_started'])[1 + floor(4 * random())::int]
           ELSE
               (ARRAY['success_no_licenses', 'not_found', 'not_found', 'timeout', 'error', 'retry_error'])[
                   1 + floor(100 * random())::int]
           END AS drawn
    FROM generate_series(1, %(rows)s) AS number
) AS drawn, LATERAL (SELECT drawn.*, coalesce(drawn.drawn, 'success') AS status) AS made;

INSERT INTO licenses_license (
    organization_id, producer_id, state, number, class_code, class_name, residency, is_active, issued_on,
    expires_on, adjuster_home_state
)
SELECT organization_id, producer.id, held.state, producer.npn || held.state, '', 'Insurance Producer',
       CASE held.place WHEN 1 THEN 'R' ELSE 'NR' END, random() < 0.9, '2020-01-01',
       current_date + (random() * 700)::int - 30, ''
FROM producers_producer AS producer, unnest(license_states) WITH ORDINALITY AS held (state, place);

-- Five appointments a producer: most in force, few companies and lines common, some rare.
INSERT INTO appointments_appointment
    (organization_id, producer_id, state, cocode, company_name, fein, line_name, line_code, county_code, status,
     termination_reason, first_effective_on, status_on, renews_on, agency_affiliation, state_company_id, health)
SELECT %(organization)s, one.id, (%(states)s::text[])[1 + (one.id * 7 + place * 11) %% cardinality(%(states)s::text[])],
       lpad((90100 + ((one.id * place) %% 40) * ((one.id + place) %% 3))::text, 5, '0'), 'Northstar Life', '',
       CASE WHEN (one.id + place) %% 997 = 0 THEN 'Falconry'
            ELSE (ARRAY['Life', 'Health', 'Property', 'Casualty', 'Personal Lines'])[place] END,
       place::text, '', CASE WHEN (one.id + place) %% 11 = 0 THEN 'Terminated' ELSE 'Appointed' END, '',
       date '2015-01-01' + (one.id %% 3000)::int, date '2015-01-01' + (one.id %% 3000)::int,
       date '2026-01-01' + (one.id %% 700)::int, '', '',
       CASE WHEN (one.id + place) %% 53 = 0 THEN 'at_risk' ELSE 'active' END
FROM producers_producer AS one CROSS JOIN generate_series(1, 5) AS place
WHERE one.organization_id = %(organization)s;
