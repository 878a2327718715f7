-- Creates the producers of these drafts, queued for sync; who is on file already is left alone. Two drafts of
-- one NPN make one producer. In the order of the NPNs, so that two of these never wait for each other.
INSERT INTO producers_producer (
    organization_id, npn, kind, first_name, middle_name, last_name, name_suffix, file_last_name, email, agency_id,
    gender, ssn_sealed, ssn_last4, ssn_index, sync_status, sync_next_at
)
SELECT DISTINCT ON (draft.npn)
       draft.organization_id, draft.npn, coalesce(nullif(draft.facts ->> 'kind', ''), 'individual'),
       left(coalesce(draft.facts ->> 'first_name', ''), 100),
       left(coalesce(draft.facts ->> 'middle_name', ''), 100),
       left(coalesce(nullif(draft.facts ->> 'last_name', ''), draft.last_name), 200),
       left(coalesce(draft.facts ->> 'name_suffix', ''), 20), draft.last_name, draft.email,
       (SELECT agency.id FROM producers_agency AS agency
        WHERE agency.id = (draft.details ->> 'agency_id')::bigint
          AND agency.organization_id = draft.organization_id),
       draft.gender, draft.ssn_sealed, draft.ssn_last4, draft.ssn_index, 'queued', %(now)s
FROM onboarding_draft AS draft
WHERE draft.id = ANY(%(drafts)s)
ORDER BY draft.npn, draft.id
ON CONFLICT (organization_id, npn) DO NOTHING
RETURNING id, npn
