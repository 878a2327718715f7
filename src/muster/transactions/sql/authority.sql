-- All that the authority of one producer rests on, in one state and for one company; no row where nobody has the NPN.
SELECT producer.kind, producer.is_watched, producer.sync_status, producer.synced_at,
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
    ),
    (
        SELECT coalesce(jsonb_agg(jsonb_build_array(
            held.producer_id = producer.id, held.id, held.state, held.cocode, held.line_code, held.line_name,
            held.county_code, held.origin, held.first_effective_on, held.renews_on
        ) ORDER BY held.id), '[]')
        FROM appointments_appointment AS held
        WHERE held.producer_id IN (producer.id, firm.id) AND held.state = %(state)s AND held.cocode = %(cocode)s
          AND held.gone_at IS NULL AND held.status = 'Appointed'
    ),
    (
        SELECT coalesce(jsonb_agg(jsonb_build_array(
            filed.number, filed.status, filed.line_code, filed.line_name, filed.categories,
            filed.first_business_on, filed.file_by
        ) ORDER BY filed.id), '[]')
        FROM transactions_transaction AS filed
        WHERE filed.producer_id = producer.id AND filed.kind = 'appointment'
          AND filed.jurisdiction = %(state)s AND filed.cocode = %(cocode)s
          AND filed.status IN ('ready', 'held', 'submitting', 'outcome_unknown', 'submitted', 'action_required')
    )
FROM producers_producer AS producer
LEFT JOIN producers_agency AS agency ON agency.id = producer.agency_id
LEFT JOIN producers_producer AS firm
    ON firm.organization_id = producer.organization_id AND firm.npn = agency.npn COLLATE "C"
   AND firm.kind = 'firm' AND firm.id <> producer.id
WHERE producer.organization_id = %(organization)s AND producer.npn = %(npn)s
