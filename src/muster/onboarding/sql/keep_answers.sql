-- Writes what the registry said into the drafts that were claimed for it; a claim that was taken back is left.
UPDATE onboarding_draft AS draft
SET status = told.status, facts = coalesce(told.facts, draft.facts), why = told.why, attempts = told.attempts,
    next_at = told.next_at,
    looked_up_at = CASE WHEN told.facts IS NULL THEN draft.looked_up_at ELSE %(now)s END,
    touched_at = %(now)s, version = draft.version + 1
FROM jsonb_to_recordset(%(answers)s::jsonb)
     AS told (id bigint, version int, status text, facts jsonb, why jsonb, attempts int, next_at timestamptz)
WHERE draft.id = told.id AND draft.version = told.version AND draft.status = 'retrieving'
