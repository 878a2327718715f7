-- Writes what the registry said into the drafts that were claimed for it; a claim that was taken back is left.
UPDATE onboarding_draft AS draft
SET status = told.status, facts = CASE WHEN told.facts IS NULL THEN draft.facts ELSE told.facts::jsonb END,
    why = told.why::jsonb, attempts = told.attempts, next_at = told.next_at,
    looked_up_at = CASE WHEN told.facts IS NULL THEN draft.looked_up_at ELSE %(now)s END,
    touched_at = %(now)s, version = draft.version + 1
FROM unnest(%(ids)s::bigint[], %(versions)s::int[], %(statuses)s::text[], %(facts)s::text[], %(whys)s::text[],
            %(attempts)s::int[], %(nexts)s::timestamptz[])
     AS told (id, version, status, facts, why, attempts, next_at)
WHERE draft.id = told.id AND draft.version = told.version AND draft.status = 'retrieving'
