-- All appointments of these producers, with the health on record; its reasons stand with commas. A day is one of the site's zone.
SELECT producer_id, state, cocode, line_code, line_name, status, status_on,
       (gone_at AT TIME ZONE %(zone)s)::date, id, health,
       array_to_string(risks, ',')
FROM appointments_appointment
WHERE producer_id = ANY(%(ids)s)
