-- Writes what these drafts tell into the producers who are onboarded again, and queues them for sync.
UPDATE producers_producer AS producer
SET email = coalesce(nullif(draft.email, ''), producer.email),
    gender = coalesce(nullif(draft.gender, ''), producer.gender),
    agency_id = (SELECT agency.id FROM producers_agency AS agency
                 WHERE agency.id = (draft.details ->> 'agency_id')::bigint
                   AND agency.organization_id = draft.organization_id),
    ssn_sealed = coalesce(draft.ssn_sealed, producer.ssn_sealed),
    ssn_last4 = coalesce(draft.ssn_last4, producer.ssn_last4),
    ssn_index = coalesce(draft.ssn_index, producer.ssn_index),
    is_watched = true,
    sync_status = CASE WHEN producer.sync_status = 'processing' THEN producer.sync_status ELSE 'queued' END,
    sync_again = producer.sync_again OR producer.sync_status = 'processing',
    sync_next_at = CASE WHEN producer.sync_status = 'processing' THEN producer.sync_next_at ELSE %(now)s END,
    sync_attempts = 0, sync_reason = '', updated_at = %(now)s
FROM onboarding_draft AS draft
WHERE draft.id = ANY(%(drafts)s)
  AND producer.organization_id = draft.organization_id AND producer.npn = draft.npn
