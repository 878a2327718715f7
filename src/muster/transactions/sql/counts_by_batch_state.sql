-- Each state is a range of one index, read no further than a person would want to know.
SELECT asked.state, (
    SELECT count(*) FROM (
        SELECT FROM transactions_batch
        WHERE organization_id = %(organization)s AND state = asked.state
        LIMIT %(most)s
    ) AS few
)
FROM unnest(%(states)s::text[]) AS asked (state)
