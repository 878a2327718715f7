-- Those of the NPNs that no organization has.
SELECT told.npn
FROM unnest(%(npns)s::text[]) AS told (npn)
WHERE NOT EXISTS (SELECT FROM producers_producer AS producer WHERE producer.npn = told.npn)
ORDER BY length(told.npn), told.npn
