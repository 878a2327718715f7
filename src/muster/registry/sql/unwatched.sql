-- The NPNs that are to be watched, in whatever organization, and of which the registry was not asked yet.
SELECT DISTINCT producer.npn
FROM producers_producer AS producer
WHERE producer.is_watched
  AND NOT EXISTS (SELECT FROM registry_watch AS watch WHERE watch.npn = producer.npn)
