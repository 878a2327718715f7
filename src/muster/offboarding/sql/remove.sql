-- Removes producers, who are locked, from the organization: ends the time there, and what waits for it. Who was
-- never removed before has no time on record yet: it began with the producer's. Tells who was removed.
WITH gone AS (
    UPDATE producers_producer
    SET removed_at = %(now)s, is_watched = false, sync_again = false, updated_at = %(now)s
    WHERE organization_id = %(organization)s AND id = ANY(%(ids)s) AND removed_at IS NULL
    RETURNING id, created_at
),
ended AS (
    UPDATE producers_tenure AS tenure
    SET ended_at = greatest(%(now)s, tenure.began_at), ended_by_id = %(by)s, operation_id = %(operation)s
    FROM gone
    WHERE tenure.producer_id = gone.id AND tenure.ended_at IS NULL
    RETURNING tenure.producer_id
),
began_with_the_record AS (
    INSERT INTO producers_tenure (organization_id, producer_id, began_at, ended_at, ended_by_id, operation_id)
    SELECT %(organization)s, gone.id, least(gone.created_at, %(now)s), %(now)s, %(by)s, %(operation)s
    FROM gone
    WHERE gone.id NOT IN (SELECT producer_id FROM ended)
    ORDER BY gone.id
),
waits_no_more AS (
    DELETE FROM producers_leaving USING gone WHERE producers_leaving.producer_id = gone.id
)
SELECT id FROM gone ORDER BY id
