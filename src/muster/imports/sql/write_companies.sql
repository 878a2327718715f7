-- Writes the companies that are new or differ.
written AS (
    INSERT INTO carriers_company AS company (
        organization_id, cocode, name, fein, categories, domicile, address, create_internal_appointments,
        assignment_required
    )
    SELECT %(organization)s, thing.key, now.name, now.fein, now.categories, now.domicile, now.address,
           now.create_internal_appointments, now.assignment_required
    FROM thing CROSS JOIN LATERAL jsonb_populate_record(NULL::carriers_company, thing.new) AS now
    WHERE thing.old IS DISTINCT FROM thing.new
    ORDER BY thing.key
    ON CONFLICT (organization_id, cocode) DO UPDATE SET
        name = excluded.name,
        fein = excluded.fein,
        categories = excluded.categories,
        domicile = excluded.domicile,
        address = excluded.address,
        create_internal_appointments = excluded.create_internal_appointments,
        assignment_required = excluded.assignment_required
    RETURNING company.cocode AS key, company.id AS target_id
), made AS (
    SELECT key, target_id FROM written
)
