-- Gives transactions that are locked the verdicts that they were judged to anew. What was not eligible had cost
-- nothing: what it costs now is not known.
UPDATE transactions_transaction AS one
SET status = judged.status, reason = judged.reason, failures = judged.failures::jsonb,
    just_in_time = judged.just_in_time, note = %(note)s, released_at = NULL, released_by_id = NULL,
    next_at = NULL, updated_at = now(), license_id = coalesce(judged.license_id, one.license_id),
    license_number = coalesce(nullif(judged.license_number, ''), one.license_number),
    state_fee = CASE WHEN one.reason = '' OR judged.reason <> '' THEN one.state_fee END,
    registry_fee = CASE WHEN one.reason = '' OR judged.reason <> '' THEN one.registry_fee END
FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(reasons)s::text[], %(failures)s::text[],
            %(just_in_time)s::boolean[], %(licenses)s::bigint[], %(numbers)s::text[])
     AS judged (id, status, reason, failures, just_in_time, license_id, license_number)
WHERE one.id = judged.id
