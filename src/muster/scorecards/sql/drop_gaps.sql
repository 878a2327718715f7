-- Removes gaps that are closed, or that so many lines no longer have.
DELETE FROM scorecards_gap AS gap
USING unnest(%(ids)s::bigint[], %(states)s::text[], %(kinds)s::text[]) AS closed (id, state, kind)
WHERE gap.scorecard_id = closed.id AND gap.state = closed.state AND gap.kind = closed.kind
