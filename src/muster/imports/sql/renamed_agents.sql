-- Producers of the span whom the registry has named already, and whom the file now names anew.
SELECT producer.id, producer.file_first_name, producer.file_last_name, producer.first_name, producer.last_name
FROM agent_target AS target JOIN producers_producer AS producer ON producer.id = target.producer_id
WHERE target.changed AND NOT target.is_new AND producer.synced_at IS NOT NULL AND producer.id > %(last)s
ORDER BY producer.id LIMIT %(limit)s
