-- Puts on record what was made and what was changed, and notes what became of each row.
-- Takes thing, made and became.
difference AS (
    SELECT thing.key, thing.old IS NULL AS is_new, (
        SELECT jsonb_object_agg(
            field.key, jsonb_build_object('before', thing.old -> field.key, 'after', field.value)
        )
        FROM jsonb_each(thing.new) AS field
        WHERE thing.old -> field.key IS DISTINCT FROM field.value
    ) AS changed
    FROM thing WHERE thing.old IS DISTINCT FROM thing.new
), noted AS (
    INSERT INTO audit_event (organization_id, by_id, kind, operation_id, subject, data)
    SELECT %(organization)s, %(by)s, %(created)s, %(operation)s, '',
           jsonb_build_object(%(what)s::text, count(*), 'named', to_jsonb((array_agg(key ORDER BY key))[:20]))
    FROM difference WHERE is_new HAVING count(*) > 0
    UNION ALL
    SELECT %(organization)s, %(by)s, %(changed)s, %(operation)s, '',
           jsonb_build_object(%(what)s::text, count(*), 'each', jsonb_object_agg(key, changed))
    FROM difference WHERE NOT is_new HAVING count(*) > 0
)
UPDATE bulk_item AS item
SET state = 'applied', outcome = became.outcome, target_id = coalesce(thing.target_id, made.target_id)
FROM became JOIN thing USING (key) LEFT JOIN made USING (key)
WHERE item.operation_id = %(operation)s AND item.row_no = became.row_no
