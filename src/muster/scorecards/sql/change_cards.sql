-- Writes verdicts that differ from those on record.
UPDATE scorecards_scorecard AS card
SET percent = judged.percent, lines = judged.lines, ready = judged.ready, unknown = judged.unknown,
    good_until = judged.good_until, judged_at = %(now)s
FROM unnest(
    %(ids)s::bigint[], %(percents)s::int[], %(lines)s::int[], %(ready)s::int[], %(unknown)s::int[],
    %(days)s::date[]
) AS judged (id, percent, lines, ready, unknown, good_until)
WHERE card.assignment_id = judged.id
