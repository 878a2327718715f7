-- The NPNs on record of the alerts that nobody wants watched any more.
SELECT watch.npn
FROM registry_watch AS watch
WHERE NOT EXISTS (
    SELECT FROM producers_producer AS producer WHERE producer.npn = watch.npn AND producer.is_watched
)
