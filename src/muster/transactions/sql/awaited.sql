-- What waits for a person: ready and not let go yet, action required, rejected, held and due; and batches in
-- review.
SELECT
    (SELECT count(*) FROM (
        SELECT FROM transactions_transaction
        WHERE organization_id = %(organization)s AND status = 'ready' AND released_at IS NULL
        LIMIT %(most)s
    ) AS few),
    (SELECT count(*) FROM (
        SELECT FROM transactions_transaction
        WHERE organization_id = %(organization)s AND status = 'action_required'
        LIMIT %(most)s
    ) AS few),
    (SELECT count(*) FROM (
        SELECT FROM transactions_transaction
        WHERE organization_id = %(organization)s AND status = 'rejected'
        LIMIT %(most)s
    ) AS few),
    (SELECT count(*) FROM (
        SELECT FROM transactions_transaction
        WHERE organization_id = %(organization)s AND status = 'held' AND file_by <= %(due)s
        LIMIT %(most)s
    ) AS few),
    (SELECT count(*) FROM (
        SELECT FROM transactions_batch
        WHERE organization_id = %(organization)s AND state = 'in_review'
        LIMIT %(most)s
    ) AS few)
