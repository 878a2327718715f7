-- Tells people in the console what the event log says since it was last read: each once, however often it is run.
WITH news AS MATERIALIZED (
    SELECT * FROM audit_event
    WHERE id > %(after)s AND id <= %(upto)s AND kind = ANY(%(kinds)s) AND organization_id IS NOT NULL
),
told AS (
    -- Whoever started an operation and does not see its end on the page.
    SELECT news.id, news.organization_id, news.by_id AS user_id, 'operation-finished' AS kind,
        'event:' || news.id AS key, news.at,
        jsonb_build_object('operation', news.operation_id, 'state', news.data -> 'state', 'outcomes', news.data -> 'outcomes')
        AS data
    FROM news JOIN bulk_operation AS operation ON operation.id = news.operation_id
    WHERE news.kind = 'operation:finish' AND operation.started_at IS NOT NULL
      AND coalesce(operation.params -> 'told_on_page', 'false') <> 'true'
UNION ALL
    -- Whoever had producers removed once their terminations were accepted.
    SELECT news.id, news.organization_id, news.by_id, 'producers-removed', 'event:' || news.id, news.at,
        jsonb_build_object(
            'producers', news.data -> 'producers', 'operation', news.operation_id,
            'producer', CASE WHEN news.data -> 'producers' = '1' THEN news.data -> 'ids' -> 0 END
        )
    FROM news JOIN bulk_operation AS operation ON operation.id = news.operation_id
    WHERE news.kind = 'producer:remove' AND operation.finished_at < news.at
UNION ALL
    -- Those who may mend a setting: that the registry refuses is told once a day.
    SELECT news.id, news.organization_id, member.user_id, 'registry-refused',
        news.kind || ':' || news.at::date, news.at, jsonb_build_object('what', news.kind)
    FROM news JOIN access_membership AS member ON member.organization_id = news.organization_id
    WHERE news.kind IN ('sync:refuse', 'alerts:refuse', 'filing:refuse')
      AND member.agency_ids IS NULL AND member.role = ANY(%(settings_roles)s)
UNION ALL
    SELECT news.id, news.organization_id, member.user_id, 'webhook-off', 'event:' || news.id, news.at,
        jsonb_build_object('endpoint', substring(news.subject FROM '[0-9]+$')::bigint, 'why', news.data -> 'why', 'url', news.data -> 'url')
    FROM news JOIN access_membership AS member ON member.organization_id = news.organization_id
    WHERE news.kind = 'webhook:switch-off' AND news.by_id IS NULL
      AND member.agency_ids IS NULL AND member.role = ANY(%(settings_roles)s)
UNION ALL
    -- Those who invite, each of the producers of whom they may know.
    SELECT news.id, news.organization_id, member.user_id, 'producer-registered', 'event:' || news.id, news.at,
        jsonb_build_object('producer', producer.id)
    FROM news
    JOIN producers_producer AS producer
      ON producer.id = substring(news.subject FROM '^producer:([0-9]+)$')::bigint
      AND producer.organization_id = news.organization_id
    JOIN access_membership AS member ON member.organization_id = news.organization_id
    WHERE news.kind = %(registered)s AND member.role = ANY(%(inviting_roles)s)
      AND (member.agency_ids IS NULL OR producer.agency_id = ANY(member.agency_ids))
)
INSERT INTO notices_notice (organization_id, user_id, kind, key, at, data)
SELECT told.organization_id, told.user_id, told.kind, told.key, told.at, told.data
FROM told
JOIN access_membership AS here
  ON here.organization_id = told.organization_id AND here.user_id = told.user_id AND here.is_active
ORDER BY told.id
ON CONFLICT (user_id, organization_id, key) DO NOTHING
