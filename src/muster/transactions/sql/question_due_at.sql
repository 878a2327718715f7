-- When the registry is next to be asked how a filing stands.
SELECT min(next_at)
FROM transactions_transaction
WHERE status IN ('outcome_unknown', 'submitted', 'action_required', 'closed') AND next_at IS NOT NULL
