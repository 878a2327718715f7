-- Notes through which day all that was judged of these producers holds.
INSERT INTO scorecards_judgment AS kept (producer_id, organization_id, good_until, judged_at)
SELECT judged.id, judged.organization_id, judged.good_until, %(now)s
FROM unnest(%(ids)s::bigint[], %(organizations)s::bigint[], %(days)s::date[])
    AS judged (id, organization_id, good_until)
LEFT JOIN scorecards_judgment AS old ON old.producer_id = judged.id
WHERE old.producer_id IS NULL OR old.good_until IS DISTINCT FROM judged.good_until
ON CONFLICT (producer_id) DO UPDATE SET good_until = excluded.good_until, judged_at = excluded.judged_at
