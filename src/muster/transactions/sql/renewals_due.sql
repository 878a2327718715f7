-- Licenses that are to be renewed by themselves: in force, within their state's window, of a producer who has it on,
-- and not asked to be renewed from this expiry before; those that expire first come first, after a day and an id.
-- States whose window nobody has told are not among them.
SELECT license.id, license.expires_on
FROM licenses_license AS license
JOIN unnest(%(states)s::text[], %(days)s::int[], %(agency_days)s::int[]) AS renewed (state, days, agency_days)
    ON renewed.state = license.state
JOIN producers_producer AS producer ON producer.id = license.producer_id AND producer.removed_at IS NULL
JOIN licenses_paymentsetup AS setup ON setup.producer_id = license.producer_id AND setup.auto_renewal
WHERE license.organization_id = %(organization)s AND license.gone_at IS NULL AND license.is_active
  AND license.expires_on BETWEEN %(today)s::date AND %(last)s::date
  AND (license.expires_on, license.id) > (%(after_day)s::date, %(after_id)s)
  AND license.expires_on
      <= %(today)s::date + CASE WHEN producer.kind = 'firm' THEN renewed.agency_days ELSE renewed.days END
  AND NOT EXISTS (
      SELECT FROM transactions_transaction AS filed
      WHERE filed.kind = 'renewal' AND filed.license_id = license.id AND filed.renews_from = license.expires_on
  )
ORDER BY license.expires_on, license.id
LIMIT %(limit)s
