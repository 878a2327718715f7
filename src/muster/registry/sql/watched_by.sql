-- How many of these NPNs each organization has watched; every organization that has anybody watched is told.
SELECT producer.organization_id, count(*) FILTER (WHERE producer.npn = ANY(%(npns)s))
FROM producers_producer AS producer
WHERE producer.is_watched
GROUP BY producer.organization_id
ORDER BY producer.organization_id
