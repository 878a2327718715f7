-- The regulatory actions that the registry lists for these producers, each with the day it was entered.
SELECT producer_id, state, coalesce(entered_on, effective_on, action_on)
FROM producers_regulatoryaction
WHERE producer_id = ANY(%(ids)s) AND gone_at IS NULL
