-- What the registry is to be asked about, the longest due first.
SELECT id, organization_id, producer_id, filing_key, status, just_in_time, claimed_at
FROM transactions_transaction
WHERE status IN ('outcome_unknown', 'submitted', 'action_required', 'closed') AND next_at <= %(now)s
ORDER BY next_at, id
LIMIT %(limit)s
