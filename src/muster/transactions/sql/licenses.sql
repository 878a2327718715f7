-- The licenses in these states, and the resident ones, that the registry lists for these producers; each with its
-- listed lines.
SELECT license.producer_id, license.id, license.state, license.number, license.class_code, license.class_name,
       license.residency = 'R', license.is_active, license.expires_on, line.codes, line.names, line.statuses
FROM licenses_license AS license
LEFT JOIN LATERAL (
    SELECT array_agg(line.code ORDER BY line.code, line.name) AS codes,
           array_agg(line.name ORDER BY line.code, line.name) AS names,
           array_agg(line.status ORDER BY line.code, line.name) AS statuses
    FROM licenses_lineofauthority AS line
    WHERE line.license_id = license.id AND line.gone_at IS NULL
) AS line ON license.state = ANY(%(states)s)
WHERE license.producer_id = ANY(%(ids)s) AND license.gone_at IS NULL
  AND (license.state = ANY(%(states)s) OR license.residency = 'R')
ORDER BY license.producer_id, license.state, license.number, license.class_code
