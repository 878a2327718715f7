-- Records that the registry has these NPNs on its list.
INSERT INTO registry_watch AS kept (npn, added_on, confirmed_at, asked_at, refused, is_told)
SELECT told.npn, %(today)s, %(now)s, %(now)s, '', false
FROM unnest(%(npns)s::text[]) AS told (npn)
ON CONFLICT (npn) DO UPDATE
SET added_on = excluded.added_on, confirmed_at = excluded.confirmed_at, asked_at = excluded.asked_at,
    refused = '', is_told = false
