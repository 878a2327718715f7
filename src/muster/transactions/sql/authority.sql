-- All that an answer about authority rests on, for one NPN, state and company, on a day: always one row.
SELECT
    EXISTS (
        SELECT FROM carriers_ruleoverride AS own
        WHERE own.organization_id = %(organization)s AND own.ended_at IS NULL
    ) AS has_own_rules,
    (
        SELECT jsonb_build_array(company.id, company.name, company.categories, setting.state,
                                 setting.just_in_time, setting.starts_on, setting.ends_on)
        FROM carriers_company AS company
        LEFT JOIN carriers_companystate AS setting
            ON setting.company_id = company.id AND setting.state = %(state)s
        WHERE company.organization_id = %(organization)s AND company.cocode = %(cocode)s
    ) AS company,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_array(rule.line_code, rule.line_name, rule.categories)
                                  ORDER BY rule.class_code, rule.line_code, rule.line_name, rule.id), '[]')
        FROM carriers_businessrule AS rule
        WHERE rule.organization_id = %(organization)s AND rule.state = %(state)s AND rule.is_active
          AND (rule.starts_on IS NULL OR rule.starts_on <= %(today)s)
          AND (rule.ends_on IS NULL OR rule.ends_on >= %(today)s)
    ) AS lines,
    producer.is_watched, producer.sync_status, producer.synced_at,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_array(
            license.id, license.state, license.number, license.class_code, license.class_name,
            license.residency = 'R', license.is_active, license.expires_on,
            (
                SELECT coalesce(jsonb_agg(jsonb_build_array(line.code, line.name, line.status)
                                          ORDER BY line.code, line.name), '[]')
                FROM licenses_lineofauthority AS line
                WHERE line.license_id = license.id AND line.gone_at IS NULL
            )
        ) ORDER BY license.number, license.class_code), '[]')
        FROM licenses_license AS license
        WHERE license.producer_id = producer.id AND license.state = %(state)s AND license.gone_at IS NULL
    ) AS licenses,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_array(
            held.producer_id = producer.id, held.id, held.state, held.cocode, held.line_code, held.line_name,
            held.county_code, held.origin, held.first_effective_on, held.renews_on
        ) ORDER BY held.id), '[]')
        FROM appointments_appointment AS held
        WHERE held.producer_id IN (producer.id, firm.id) AND held.state = %(state)s AND held.cocode = %(cocode)s
          AND held.gone_at IS NULL AND held.status = 'Appointed'
    ) AS appointments,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_array(
            filed.number, filed.status, filed.line_code, filed.line_name, filed.categories,
            filed.first_business_on, filed.file_by
        ) ORDER BY filed.id), '[]')
        FROM transactions_transaction AS filed
        WHERE filed.producer_id = producer.id AND filed.kind = 'appointment'
          AND filed.jurisdiction = %(state)s AND filed.cocode = %(cocode)s
          AND filed.status IN ('ready', 'held', 'submitting', 'outcome_unknown', 'submitted', 'action_required')
    ) AS filings
FROM (SELECT) AS asked
LEFT JOIN producers_producer AS producer
    ON producer.organization_id = %(organization)s AND producer.npn = %(npn)s AND producer.removed_at IS NULL
   AND (%(agencies)s::bigint[] IS NULL OR producer.agency_id = ANY(%(agencies)s::bigint[]))
LEFT JOIN producers_agency AS agency ON agency.id = producer.agency_id
LEFT JOIN producers_producer AS firm
    ON firm.organization_id = producer.organization_id AND firm.npn = agency.npn COLLATE "C"
   AND firm.kind = 'firm' AND firm.id <> producer.id AND firm.removed_at IS NULL
