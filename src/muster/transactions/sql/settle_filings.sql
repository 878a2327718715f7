-- Moves locked transactions to what their calls have come to, where they still are what they were then.
UPDATE transactions_transaction AS one
SET status = told.status, next_at = told.next_at,
    -- Why somebody has closed it outlives what is asked afterwards.
    note = CASE WHEN one.status = 'closed' AND told.status = 'closed' THEN one.note ELSE told.note END,
    registry_id = coalesce(told.registry_id, one.registry_id),
    registry_code = coalesce(told.code, one.registry_code),
    registry_words = coalesce(told.words, one.registry_words),
    effective_on = coalesce(told.effective_on, one.effective_on),
    submitted_at = coalesce(one.submitted_at, told.received_at),
    decided_at = coalesce(told.decided_at, one.decided_at),
    state_fee_charged = coalesce(told.state_fee, one.state_fee_charged),
    registry_fee_charged = coalesce(told.registry_fee, one.registry_fee_charged),
    updated_at = %(now)s
FROM unnest(
    %(ids)s::bigint[], %(before)s::text[], %(claims)s::timestamptz[], %(statuses)s::text[],
    %(next)s::timestamptz[], %(notes)s::text[], %(registry_ids)s::text[], %(codes)s::text[], %(words)s::text[],
    %(effective)s::date[], %(received)s::timestamptz[], %(decided)s::timestamptz[], %(state_fees)s::int[],
    %(registry_fees)s::int[]
) AS told (
    id, before, claimed_at, status, next_at, note, registry_id, code, words, effective_on, received_at,
    decided_at, state_fee, registry_fee
)
WHERE one.id = told.id AND one.status = told.before AND one.claimed_at = told.claimed_at
RETURNING one.id, one.batch_id, one.producer_id, one.status
