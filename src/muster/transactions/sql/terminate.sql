-- Ends the appointments whose terminations were accepted, or are only recorded.
UPDATE appointments_appointment AS kept
SET status = 'Terminated', status_on = coalesce(filed.effective_on, %(today)s::date), renews_on = NULL,
    termination_reason = filed.termination_reason
FROM transactions_transaction AS filed
WHERE filed.id = ANY(%(ids)s) AND filed.kind = 'termination'
  AND kept.producer_id = filed.producer_id AND kept.state = filed.jurisdiction AND kept.cocode = filed.cocode
  AND kept.line_code = filed.line_code AND kept.line_name = filed.line_name AND kept.county_code = filed.county
  AND kept.status = 'Appointed' AND kept.gone_at IS NULL
