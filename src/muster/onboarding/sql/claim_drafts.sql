-- Takes drafts of files whose producers are to be looked up, those of each file in turn.
UPDATE onboarding_draft AS draft
SET status = 'retrieving', version = draft.version + 1
FROM (
    SELECT id FROM onboarding_draft
    WHERE operation_id IS NOT NULL AND status = 'identified' AND (next_at IS NULL OR next_at <= %(now)s)
    ORDER BY row_no, id LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
) AS due
WHERE draft.id = due.id
RETURNING draft.id, draft.npn, draft.attempts, draft.version, draft.last_name, draft.ssn_index
