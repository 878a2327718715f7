-- Of these licenses of producers who were not removed, those that expire and that the registry lists as active, or
-- that have lapsed within a year: with whose they are, their listed lines, and whether they were to be renewed from this expiry before, however that
-- has ended.
SELECT license.id, license.producer_id, license.state, license.number, license.class_code, license.class_name,
       license.residency = 'R', license.expires_on,
       coalesce(
           (
               SELECT jsonb_agg(jsonb_build_array(line.code, line.name) ORDER BY line.name, line.code)
               FROM licenses_lineofauthority AS line
               WHERE line.license_id = license.id AND line.gone_at IS NULL AND lower(line.status) = 'active'
           ),
           '[]'
       )::text,
       coalesce(setup.renewal_paid_by, ''),
       EXISTS (
           SELECT FROM transactions_transaction AS filed
           WHERE filed.kind = 'renewal' AND filed.license_id = license.id
             AND filed.renews_from = license.expires_on
       )
FROM licenses_license AS license
JOIN producers_producer AS producer ON producer.id = license.producer_id AND producer.removed_at IS NULL
LEFT JOIN licenses_paymentsetup AS setup ON setup.producer_id = license.producer_id
WHERE license.id = ANY(%(ids)s) AND license.organization_id = %(organization)s
  AND license.gone_at IS NULL AND license.expires_on IS NOT NULL
  AND (license.is_active OR license.expires_on BETWEEN %(today)s::date - 366 AND %(today)s::date - 1)
ORDER BY license.producer_id, license.id
