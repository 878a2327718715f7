-- Of these producers, who is a firm, and in which states each holds a resident license in force; those that the
-- registry lists at all where none is.
SELECT producer.id, producer.kind = 'firm', coalesce(
           array_agg(DISTINCT license.state) FILTER (
               WHERE license.is_active AND (license.expires_on IS NULL OR license.expires_on >= %(today)s)
           ),
           array_agg(DISTINCT license.state) FILTER (WHERE license.state IS NOT NULL),
           '{}'
       )
FROM producers_producer AS producer
LEFT JOIN licenses_license AS license
    ON license.producer_id = producer.id AND license.residency = 'R' AND license.gone_at IS NULL
WHERE producer.id = ANY(%(ids)s)
GROUP BY producer.id
