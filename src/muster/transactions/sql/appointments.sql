-- The appointments in force of these producers in these states, with these companies.
SELECT producer_id, id, state, cocode, line_code, line_name, county_code
FROM appointments_appointment
WHERE producer_id = ANY(%(ids)s) AND state = ANY(%(states)s) AND cocode = ANY(%(cocodes)s)
  AND gone_at IS NULL AND status = 'Appointed'
ORDER BY producer_id, id
