-- When the next one is to be sent, in whatever organization: one look into the index for each.
SELECT min(first.next_at)
FROM access_organization AS organization
CROSS JOIN LATERAL (
    SELECT one.next_at
    FROM transactions_transaction AS one
    WHERE one.organization_id = organization.id AND one.status IN ('ready', 'held') AND one.next_at IS NOT NULL
    ORDER BY one.next_at
    LIMIT 1
) AS first
