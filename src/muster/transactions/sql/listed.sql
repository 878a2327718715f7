-- The appointments of these producers in these states, with these companies, in force or not, each with the number
-- of the open transaction that is to end it. One that was closed while the registry had it is open still.
SELECT kept.producer_id, kept.id, kept.state, kept.cocode, kept.company_name, kept.line_code, kept.line_name,
       kept.county_code, kept.status = 'Appointed', CASE WHEN kept.status <> 'Appointed' THEN kept.status_on END,
       (
           SELECT min(filed.number)
           FROM transactions_transaction AS filed
           WHERE filed.producer_id = kept.producer_id AND filed.kind = 'termination'
             AND (filed.jurisdiction, filed.cocode, filed.line_code, filed.line_name, filed.county)
                 = (kept.state, kept.cocode, kept.line_code, kept.line_name, kept.county_code)
             AND (
                 filed.status IN (
                     'ready', 'held', 'submitting', 'outcome_unknown', 'submitted', 'action_required'
                 )
                 OR filed.status = 'closed' AND filed.submitted_at IS NOT NULL AND filed.decided_at IS NULL
             )
       ),
       kept.origin = 'internal'
FROM appointments_appointment AS kept
WHERE kept.producer_id = ANY(%(ids)s) AND kept.state = ANY(%(states)s) AND kept.cocode = ANY(%(cocodes)s)
  AND kept.gone_at IS NULL
ORDER BY kept.producer_id, kept.id
