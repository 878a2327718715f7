-- Has what was judged of everybody run out long ago.
UPDATE scorecards_judgment
SET good_until = '2000-01-01'
WHERE good_until IS DISTINCT FROM '2000-01-01'
