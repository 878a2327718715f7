-- Drops what was judged of producers, who are locked. What it rests on stays, so that it can be judged again.
WITH cards AS (
    SELECT assignment_id FROM scorecards_scorecard WHERE producer_id = ANY(%(ids)s)
),
gaps AS (
    DELETE FROM scorecards_gap USING cards WHERE scorecards_gap.scorecard_id = cards.assignment_id
),
judgments AS (
    DELETE FROM scorecards_judgment WHERE producer_id = ANY(%(ids)s)
)
DELETE FROM scorecards_scorecard USING cards WHERE scorecards_scorecard.assignment_id = cards.assignment_id
