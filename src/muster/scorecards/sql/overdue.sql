-- Producers of whom a verdict may no longer hold, because days have passed.
SELECT producer_id
FROM scorecards_judgment
WHERE good_until < %(today)s
LIMIT %(limit)s
