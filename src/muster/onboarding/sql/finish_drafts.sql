-- The drafts of these producers are done. The SSN stays with the producer alone.
UPDATE onboarding_draft AS draft
SET status = 'onboarded', producer_id = became.producer_id, finished_at = %(now)s, touched_at = %(now)s,
    touched_by_id = %(by)s, version = draft.version + 1, why = NULL, ssn_sealed = NULL, ssn_index = NULL
FROM unnest(%(drafts)s::bigint[], %(producers)s::bigint[]) AS became (draft_id, producer_id)
WHERE draft.id = became.draft_id
