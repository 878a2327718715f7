-- Producers who wait to be removed, and of whom nothing is left to wait for: no appointment with a company of the
-- organization's is in force, and no termination is under way.
SELECT leaving.producer_id, leaving.organization_id, leaving.asked_by_id, leaving.operation_id
FROM producers_leaving AS leaving
WHERE leaving.producer_id > %(after)s
  AND NOT EXISTS (
      SELECT FROM appointments_appointment AS one
      JOIN carriers_company AS company
        ON company.organization_id = one.organization_id AND company.cocode = one.cocode
      WHERE one.producer_id = leaving.producer_id AND one.gone_at IS NULL AND one.status = %(appointed)s
  )
  AND NOT EXISTS (
      SELECT FROM transactions_transaction AS one
      WHERE one.producer_id = leaving.producer_id AND one.kind = 'termination' AND one.status = ANY(%(open)s)
  )
ORDER BY leaving.producer_id
LIMIT %(limit)s
