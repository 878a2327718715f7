-- The assignments of these producers.
SELECT producer_id, categories, states, cocodes, agent_type, starts_on, ends_on
FROM assignments_assignment
WHERE producer_id = ANY(%(ids)s)
ORDER BY producer_id, id
