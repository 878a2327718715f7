-- Makes the reminders that are due for the licenses in force of one organization, each once for its expiry
-- date; those that a nearer one, a renewal, or a year since the expiry overtook are closed, and the nearest is
-- open again where a renewal was taken back. Tells how many were made, by their days.
WITH due AS (
    SELECT license.id, license.expires_on, span.days
    FROM unnest(%(first)s::date[], %(last)s::date[], %(days)s::smallint[]) AS span (first, last, days)
    JOIN licenses_license AS license
        ON license.organization_id = %(organization)s
        AND license.gone_at IS NULL AND license.is_active
        AND license.expires_on BETWEEN span.first AND span.last
    JOIN producers_producer AS producer ON producer.id = license.producer_id AND producer.is_watched
    WHERE NOT EXISTS (
        SELECT FROM notices_reminder AS made
        WHERE made.license_id = license.id AND made.expires_on = license.expires_on AND made.days <= span.days
    )
),
made AS (
    INSERT INTO notices_reminder (organization_id, license_id, expires_on, days, made_at, mailed_on)
    SELECT %(organization)s, id, expires_on, days, %(now)s, %(mailed_on)s FROM due ORDER BY expires_on, id
    ON CONFLICT DO NOTHING
    RETURNING license_id, expires_on, days
),
overtaken AS (
    UPDATE notices_reminder AS earlier
    SET closed_at = %(now)s
    FROM licenses_license AS license
    LEFT JOIN made ON made.license_id = license.id
    WHERE earlier.organization_id = %(organization)s
        AND earlier.done_at IS NULL AND earlier.closed_at IS NULL
        AND license.id = earlier.license_id
        AND (
            license.expires_on IS DISTINCT FROM earlier.expires_on
            OR made.days < earlier.days
            OR earlier.expires_on < %(long_ago)s
        )
),
taken_back AS (
    UPDATE notices_reminder AS nearest
    SET closed_at = NULL
    FROM licenses_license AS license
    LEFT JOIN made ON made.license_id = license.id
    WHERE nearest.organization_id = %(organization)s
        AND nearest.done_at IS NULL AND nearest.closed_at IS NOT NULL
        AND nearest.expires_on >= %(long_ago)s
        AND license.id = nearest.license_id AND license.expires_on = nearest.expires_on
        AND made.license_id IS NULL
        AND NOT EXISTS (
            SELECT FROM notices_reminder AS nearer
            WHERE nearer.license_id = nearest.license_id AND nearer.expires_on = nearest.expires_on
                AND nearer.days < nearest.days
        )
)
SELECT days, count(*) FROM made GROUP BY days ORDER BY days
