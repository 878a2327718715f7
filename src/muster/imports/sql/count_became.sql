-- How many rows have each outcome. Takes became.
SELECT outcome, count(*) FROM became GROUP BY outcome
