-- Locks the producers, in the order of their ids, as everywhere, so that two writers never wait for each other.
SELECT id FROM producers_producer WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE
