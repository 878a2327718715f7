-- Writes the health of appointments where it differs from what is on record; reasons stand with commas.
UPDATE appointments_appointment AS appointment
SET health = judged.health, risks = string_to_array(judged.risks, ',')
FROM unnest(%(ids)s::bigint[], %(healths)s::text[], %(risks)s::text[]) AS judged (id, health, risks)
WHERE appointment.id = judged.id
