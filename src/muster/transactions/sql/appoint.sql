-- Records the appointments that were accepted, or that are only recorded. What the registry lists as appointed
-- already stays as it says. The first effective date is never overwritten.
INSERT INTO appointments_appointment AS kept (
    organization_id, producer_id, state, cocode, company_name, fein, line_name, line_code, county_code, status,
    termination_reason, first_effective_on, status_on, agency_affiliation, state_company_id, origin
)
SELECT DISTINCT ON (
           filed.producer_id, filed.jurisdiction, filed.cocode, filed.line_code, filed.line_name, filed.county
       )
       filed.organization_id, filed.producer_id, filed.jurisdiction, filed.cocode, filed.company_name,
       coalesce(company.fein, ''), filed.line_name, filed.line_code, filed.county, 'Appointed', '',
       coalesce(filed.effective_on, %(today)s::date), coalesce(filed.effective_on, %(today)s::date), '',
       coalesce(setting.company_license_id, ''), %(origin)s
FROM transactions_transaction AS filed
LEFT JOIN carriers_company AS company
       ON company.organization_id = filed.organization_id AND company.cocode = filed.cocode
LEFT JOIN carriers_companystate AS setting
       ON setting.company_id = company.id AND setting.state = filed.jurisdiction
WHERE filed.id = ANY(%(ids)s) AND filed.kind = 'appointment'
  AND (%(origin)s = 'filed' OR company.create_internal_appointments)
ORDER BY filed.producer_id, filed.jurisdiction, filed.cocode, filed.line_code, filed.line_name, filed.county,
         filed.effective_on, filed.id
ON CONFLICT (producer_id, state, cocode, line_code, line_name, county_code) DO UPDATE
SET status = 'Appointed', status_on = excluded.status_on, termination_reason = '', renews_on = NULL,
    gone_at = NULL, first_effective_on = coalesce(kept.first_effective_on, excluded.first_effective_on),
    origin = CASE WHEN kept.origin = 'registry' AND kept.gone_at IS NULL THEN 'registry' ELSE %(origin)s END
WHERE kept.gone_at IS NOT NULL OR kept.status <> 'Appointed'
