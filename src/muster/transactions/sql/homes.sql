-- Of these producers, who is a firm, and in which states each holds a resident license that the registry lists.
SELECT producer.id, producer.kind = 'firm', ARRAY(
           SELECT license.state FROM licenses_license AS license
           WHERE license.producer_id = producer.id AND license.residency = 'R' AND license.gone_at IS NULL
       )
FROM producers_producer AS producer
WHERE producer.id = ANY(%(ids)s)
