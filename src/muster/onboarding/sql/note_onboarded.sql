-- What became of the items of an onboarding: who is new, who is back, and whom something kept out, be it that another
-- onboarding was first.
UPDATE bulk_item AS item
SET state = CASE WHEN draft.id = ANY(%(done)s) THEN 'applied' ELSE 'failed_final' END,
    outcome = CASE WHEN draft.id = ANY(%(readded)s) THEN 'updated'
                   WHEN draft.id = ANY(%(done)s) THEN 'created' ELSE 'rejected' END
FROM onboarding_draft AS draft
WHERE item.operation_id = %(operation)s AND item.state IN ('ok', 'warned')
  AND item.row_no BETWEEN %(first)s AND %(last)s AND draft.id = item.target_id
RETURNING item.row_no, draft.id
