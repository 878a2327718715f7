-- What is to be sent and due, an equal share for each organization that has any, the longest due first.
WITH due_organization AS (
    SELECT organization.id
    FROM access_organization AS organization
    WHERE EXISTS (
        SELECT FROM transactions_transaction AS one
        WHERE one.organization_id = organization.id
          AND one.status IN ('ready', 'held') AND one.next_at <= %(now)s
    )
),
share AS (
    SELECT ceil(%(limit)s::numeric / greatest(count(*), 1))::int AS size FROM due_organization
)
SELECT due.id, due.producer_id
FROM due_organization
CROSS JOIN LATERAL (
    SELECT one.id, one.producer_id, one.next_at
    FROM transactions_transaction AS one
    WHERE one.organization_id = due_organization.id
      AND one.status IN ('ready', 'held') AND one.next_at <= %(now)s
    ORDER BY one.next_at, one.id
    LIMIT (SELECT size FROM share)
) AS due
ORDER BY due.next_at, due.id
LIMIT %(limit)s
