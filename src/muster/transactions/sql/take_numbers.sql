-- Takes so many numbers for batches and transactions of an organization, and tells the last of each.
INSERT INTO transactions_numbering AS kept (organization_id, batches, transactions)
VALUES (%(organization)s, %(batches)s, %(transactions)s)
ON CONFLICT (organization_id) DO UPDATE
SET batches = kept.batches + excluded.batches, transactions = kept.transactions + excluded.transactions
RETURNING batches, transactions
