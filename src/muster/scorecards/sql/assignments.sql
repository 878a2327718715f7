-- The assignments of these producers, with the verdict on record.
SELECT assignment.id, assignment.organization_id, assignment.producer_id, assignment.categories,
       assignment.states, assignment.cocodes, assignment.scorecard_type, assignment.agent_type,
       assignment.starts_on, assignment.ends_on,
       card.percent, card.lines, card.ready, card.unknown, card.good_until,
       ARRAY(
           SELECT gap.state || ' ' || gap.kind || ' ' || gap.lines
           FROM scorecards_gap AS gap
           WHERE gap.scorecard_id = card.assignment_id
       )
FROM assignments_assignment AS assignment
LEFT JOIN scorecards_scorecard AS card ON card.assignment_id = assignment.id
WHERE assignment.producer_id = ANY(%(ids)s)
