-- Whether an employment history has a gap: the same decision as muster.core.profile.gaps, for queries of many.
CREATE OR REPLACE FUNCTION muster_has_employment_gap(of_producer bigint, today date) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT EXISTS (
        SELECT
        FROM unnest(
            datemultirange(daterange((date_trunc('month', today) - interval '5 years')::date, today, '[]'))
            - coalesce(
                (
                    SELECT range_agg(daterange(
                        starts_on,
                        CASE WHEN ends_on IS NULL THEN greatest(today, starts_on) + 1
                        ELSE (date_trunc('month', ends_on) + interval '1 month')::date END
                    ))
                    FROM profiles_employment
                    WHERE producer_id = of_producer
                ),
                '{}'
            )
        ) AS gap
        WHERE upper(gap) - lower(gap) > 30
    )
$body$;
