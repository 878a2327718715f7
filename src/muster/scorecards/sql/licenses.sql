-- The licenses that the registry lists for these producers, each with its listed lines.
SELECT license.state, license.class_code, license.class_name, license.is_active, license.expires_on,
       line.codes, line.names, line.statuses, license.producer_id
FROM licenses_license AS license
LEFT JOIN LATERAL (
    SELECT array_agg(line.code) AS codes, array_agg(line.name) AS names, array_agg(line.status) AS statuses
    FROM licenses_lineofauthority AS line
    WHERE line.license_id = license.id AND line.gone_at IS NULL
) AS line ON true
WHERE license.producer_id = ANY(%(ids)s) AND license.gone_at IS NULL
