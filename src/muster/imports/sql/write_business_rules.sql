-- Writes the business rules that are new or differ.
written AS (
    INSERT INTO carriers_businessrule AS rule (
        organization_id, state, class_code, class_name, line_code, line_name, categories, is_active, starts_on,
        ends_on
    )
    SELECT %(organization)s, now.state, now.class_code, now.class_name, now.line_code, now.line_name,
           now.categories, now.is_active, now.starts_on, now.ends_on
    FROM thing CROSS JOIN LATERAL jsonb_populate_record(NULL::carriers_businessrule, thing.new) AS now
    WHERE thing.old IS DISTINCT FROM thing.new
    ORDER BY thing.key
    ON CONFLICT (organization_id, state, class_code, class_name, line_code, line_name) DO UPDATE SET
        categories = excluded.categories,
        is_active = excluded.is_active,
        starts_on = excluded.starts_on,
        ends_on = excluded.ends_on
    RETURNING rule.id, rule.state, rule.class_code, rule.class_name, rule.line_code, rule.line_name
), made AS (
    SELECT thing.key, written.id AS target_id
    FROM written JOIN thing
      ON written.state = thing.new ->> 'state'
     AND written.class_code = thing.new ->> 'class_code'
     AND written.class_name = thing.new ->> 'class_name'
     AND written.line_code = thing.new ->> 'line_code'
     AND written.line_name = thing.new ->> 'line_name'
)
