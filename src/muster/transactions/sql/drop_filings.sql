-- Takes back what is locked and, judged again, may not be sent any more.
UPDATE transactions_transaction AS one
SET status = judged.status, reason = judged.reason, failures = judged.failures::jsonb, note = judged.note,
    next_at = NULL, decided_at = CASE judged.status WHEN 'recorded' THEN %(now)s END, updated_at = %(now)s
FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(reasons)s::text[], %(failures)s::text[], %(notes)s::text[])
    AS judged (id, status, reason, failures, note)
WHERE one.id = judged.id AND one.status IN ('ready', 'held')
RETURNING one.batch_id
