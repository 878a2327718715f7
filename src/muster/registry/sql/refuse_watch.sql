-- Records that the registry did not take these NPNs, and its words.
INSERT INTO registry_watch AS kept (npn, added_on, confirmed_at, asked_at, refused, is_told)
SELECT told.npn, %(today)s, NULL, %(now)s, left(told.words, 300), true
FROM unnest(%(npns)s::text[], %(words)s::text[]) AS told (npn, words)
ON CONFLICT (npn) DO UPDATE
SET confirmed_at = NULL, asked_at = excluded.asked_at, refused = excluded.refused, is_told = true
