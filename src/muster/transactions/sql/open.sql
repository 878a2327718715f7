-- The open transactions of one kind of these producers, each with the request that it came from. One that was
-- closed while the registry had it, before it has decided, is open still.
SELECT filed.producer_id, filed.number, filed.jurisdiction, filed.cocode, filed.line_code, filed.line_name,
       filed.county, filed.class_code, filed.license_number, batch.request_digest
FROM transactions_transaction AS filed
JOIN transactions_batch AS batch ON batch.id = filed.batch_id
WHERE filed.producer_id = ANY(%(ids)s) AND filed.kind = %(kind)s AND filed.jurisdiction = ANY(%(states)s)
  AND (
      filed.status IN ('ready', 'held', 'submitting', 'outcome_unknown', 'submitted', 'action_required')
      OR filed.status = 'closed' AND filed.submitted_at IS NOT NULL AND filed.decided_at IS NULL
  )
  AND NOT filed.id = ANY(%(apart_from)s)
ORDER BY filed.producer_id, filed.id
