-- How many filings the good items of a submission come to, and the sum of the fees that are known.
SELECT count(*), coalesce(sum(coalesce(one.state_fee, 0) + coalesce(one.registry_fee, 0)), 0)
FROM bulk_item AS item
JOIN transactions_transaction AS one ON one.{target} = item.target_id
WHERE item.operation_id = %(operation)s AND item.state IN ('ok', 'warned')
  AND one.status IN ('ready', 'held') AND one.released_at IS NULL
