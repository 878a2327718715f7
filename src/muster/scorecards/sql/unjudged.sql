-- Assignments without a scorecard beyond an id, in the order of ids, with their producers. Who was removed is
-- judged by nobody.
SELECT assignment.id, assignment.producer_id
FROM assignments_assignment AS assignment
WHERE assignment.id > %(after)s
  AND NOT EXISTS (
      SELECT FROM producers_producer AS producer
      WHERE producer.id = assignment.producer_id AND producer.removed_at IS NOT NULL
  )
  AND NOT EXISTS (
      SELECT FROM scorecards_scorecard AS card
      WHERE card.assignment_id = assignment.id AND card.assignment_id > %(after)s
  )
ORDER BY assignment.id
LIMIT %(limit)s
