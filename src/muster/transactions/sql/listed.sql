-- The appointments of these producers in these states with these companies, in force or not, each with the number
-- of the open transaction that is to end it. One that was closed while the registry had it is open still.
WITH ending AS MATERIALIZED (
    SELECT producer_id, jurisdiction, cocode, line_code, line_name, county, min(number) AS number
    FROM transactions_transaction
    WHERE producer_id = ANY(%(ids)s) AND kind = 'termination'
      AND (
          status IN ('ready', 'held', 'submitting', 'outcome_unknown', 'submitted', 'action_required')
          OR status = 'closed' AND submitted_at IS NOT NULL AND decided_at IS NULL
      )
    GROUP BY producer_id, jurisdiction, cocode, line_code, line_name, county
)
SELECT kept.producer_id, kept.id, kept.state, kept.cocode, kept.company_name, kept.line_code, kept.line_name,
       kept.county_code, kept.status = 'Appointed', CASE WHEN kept.status <> 'Appointed' THEN kept.status_on END,
       ending.number, kept.origin = 'internal', kept.first_effective_on
FROM appointments_appointment AS kept
LEFT JOIN ending
       ON (
           ending.producer_id, ending.jurisdiction, ending.cocode, ending.line_code, ending.line_name, ending.county
       ) = (kept.producer_id, kept.state, kept.cocode, kept.line_code, kept.line_name, kept.county_code)
WHERE kept.producer_id = ANY(%(ids)s) AND kept.state = ANY(%(states)s) AND kept.cocode = ANY(%(cocodes)s)
  AND kept.gone_at IS NULL
ORDER BY kept.producer_id, kept.id
