-- Writes the settings of states that are new or differ.
written AS (
    INSERT INTO carriers_companystate AS setting (
        organization_id, company_id, state, company_license_id, just_in_time, auto_submit, assignment_required,
        starts_on, ends_on
    )
    SELECT %(organization)s, thing.target_id, thing.code, now.company_license_id, now.just_in_time,
           now.auto_submit, now.assignment_required, now.starts_on, now.ends_on
    FROM thing CROSS JOIN LATERAL jsonb_populate_record(NULL::carriers_companystate, thing.new) AS now
    WHERE thing.old IS DISTINCT FROM thing.new
    ORDER BY thing.key
    ON CONFLICT (company_id, state) DO UPDATE SET
        company_license_id = excluded.company_license_id,
        just_in_time = excluded.just_in_time,
        auto_submit = excluded.auto_submit,
        assignment_required = excluded.assignment_required,
        starts_on = excluded.starts_on,
        ends_on = excluded.ends_on
    RETURNING setting.id
), made AS (
    SELECT key, target_id FROM thing
)
