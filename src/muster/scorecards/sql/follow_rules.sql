-- Notes by which rules verdicts are judged from now on; no row if it is by these already. A second process waits here.
INSERT INTO scorecards_rules AS kept (id, digest, since)
VALUES (1, %(digest)s, %(now)s)
ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, since = excluded.since
WHERE kept.digest <> excluded.digest
