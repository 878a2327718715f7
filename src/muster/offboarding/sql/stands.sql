-- What of these producers is still open: the appointments in force with the organization's own companies, those in
-- force with others, terminations under way, and what was not sent to the registry yet or waits for its answer.
SELECT producer.id, producer.removed_at IS NOT NULL, leaving.producer_id IS NOT NULL,
       appointed.ours, appointed.others, filed.ending, filed.unsent, filed.sent
FROM unnest(%(ids)s::bigint[]) AS asked (id)
JOIN producers_producer AS producer ON producer.id = asked.id AND producer.organization_id = %(organization)s
LEFT JOIN producers_leaving AS leaving ON leaving.producer_id = producer.id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE company.id IS NOT NULL) AS ours,
           count(*) FILTER (WHERE company.id IS NULL) AS others
    FROM appointments_appointment AS one
    LEFT JOIN carriers_company AS company
      ON company.organization_id = one.organization_id AND company.cocode = one.cocode
    WHERE one.producer_id = producer.id AND one.gone_at IS NULL AND one.status = %(appointed)s
) AS appointed
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE one.kind = 'termination') AS ending,
           count(*) FILTER (WHERE one.kind <> 'termination' AND one.status = ANY(%(waiting)s)) AS unsent,
           count(*) FILTER (WHERE one.kind <> 'termination' AND one.status <> ALL(%(waiting)s)) AS sent
    FROM transactions_transaction AS one
    WHERE one.producer_id = producer.id AND one.status = ANY(%(open)s)
) AS filed
