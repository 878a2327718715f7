-- Whom the registry lists (listed_target), whom we want watched, and what is on record of them: the NPNs in which
-- these differ, and how.
WITH wanted AS (
    SELECT DISTINCT npn FROM producers_producer WHERE is_watched
),
compared AS (
    SELECT npn, watch.asked_at,
        CASE
            WHEN wanted.npn IS NULL AND listed.npn IS NULL THEN 'forgotten'
            WHEN wanted.npn IS NULL THEN 'unwanted'
            WHEN listed.npn IS NOT NULL AND watch.confirmed_at IS NOT NULL THEN 'equal'
            WHEN listed.npn IS NOT NULL THEN 'found'
            WHEN watch.confirmed_at IS NOT NULL THEN 'lost'
            WHEN watch.npn IS NOT NULL THEN 'refused'
            ELSE 'new'
        END AS standing
    FROM wanted
    FULL JOIN listed_target AS listed USING (npn)
    FULL JOIN registry_watch AS watch USING (npn)
)
SELECT standing, npn
FROM compared
WHERE standing <> 'equal'
ORDER BY CASE standing WHEN 'refused' THEN asked_at END, length(npn), npn
