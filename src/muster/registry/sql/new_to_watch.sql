-- How many of these NPNs are not on the registry's list yet.
SELECT count(*)
FROM (SELECT DISTINCT npn FROM unnest(%(npns)s::text[]) AS given (npn)) AS told
WHERE NOT EXISTS (
    SELECT FROM registry_watch AS watch WHERE watch.npn = told.npn AND watch.confirmed_at IS NOT NULL
)
