-- Has what was judged of these producers run out long ago; who was never judged is, as anybody overdue, by then.
-- Who was removed is judged by nobody, and would be overdue for ever.
INSERT INTO scorecards_judgment AS kept (producer_id, organization_id, good_until, judged_at)
SELECT producer.id, producer.organization_id, '2000-01-01', '2000-01-01'
FROM producers_producer AS producer
WHERE producer.id = ANY(%(ids)s) AND producer.removed_at IS NULL
ORDER BY producer.id
ON CONFLICT (producer_id) DO UPDATE SET good_until = excluded.good_until
WHERE kept.good_until IS DISTINCT FROM excluded.good_until
