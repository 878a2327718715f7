-- Records the appointments of states that file none in the company's own register, where it keeps one here.
INSERT INTO appointments_appointment AS kept (
    organization_id, producer_id, state, cocode, company_name, fein, line_name, line_code, county_code, status,
    termination_reason, first_effective_on, status_on, agency_affiliation, state_company_id, origin
)
SELECT filed.organization_id, filed.producer_id, filed.jurisdiction, filed.cocode, filed.company_name,
       company.fein, filed.line_name, filed.line_code, filed.county, 'Appointed',
       '', coalesce(filed.effective_on, %(now)s::date), coalesce(filed.effective_on, %(now)s::date), '', '',
       'internal'
FROM transactions_transaction AS filed
JOIN carriers_company AS company
  ON company.organization_id = filed.organization_id AND company.cocode = filed.cocode
WHERE filed.batch_id = ANY(%(batches)s) AND filed.status = 'recorded' AND company.create_internal_appointments
ORDER BY filed.id
ON CONFLICT (producer_id, state, cocode, line_code, line_name, county_code) DO UPDATE
SET status = 'Appointed', gone_at = NULL, status_on = excluded.status_on, termination_reason = '',
    first_effective_on = coalesce(kept.first_effective_on, excluded.first_effective_on)
