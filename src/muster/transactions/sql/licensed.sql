-- Whose licenses were granted or renewed by these transactions.
SELECT DISTINCT producer_id FROM transactions_transaction
WHERE id = ANY(%(ids)s) AND kind IN ('license', 'renewal')
