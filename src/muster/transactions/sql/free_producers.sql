-- Locks those of the producers whom nobody else has locked, in the order of their ids.
SELECT id FROM producers_producer WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
