-- Each status is a range of one index, read no further than a person would want to know.
SELECT asked.status, (
    SELECT count(*) FROM (
        SELECT FROM transactions_transaction
        WHERE organization_id = %(organization)s AND status = asked.status
        LIMIT %(most)s
    ) AS few
)
FROM unnest(%(statuses)s::text[]) AS asked (status)
