-- Producers of whom a verdict may no longer hold, because days have passed; without those that failed already.
SELECT producer_id
FROM scorecards_judgment
WHERE good_until < %(today)s AND producer_id <> ALL(%(failed)s::bigint[])
LIMIT %(limit)s
