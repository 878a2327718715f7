-- Assignments without a scorecard beyond an id, in the order of ids, with their producers.
SELECT assignment.id, assignment.producer_id
FROM assignments_assignment AS assignment
WHERE assignment.id > %(after)s
  AND NOT EXISTS (
      SELECT FROM scorecards_scorecard AS card
      WHERE card.assignment_id = assignment.id AND card.assignment_id > %(after)s
  )
ORDER BY assignment.id
LIMIT %(limit)s
