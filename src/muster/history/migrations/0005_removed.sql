CREATE OR REPLACE FUNCTION history_of_producers_producer() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $body$
DECLARE
    told CONSTANT jsonb := coalesce(nullif(current_setting('muster.changes', true), ''), '{}');
    told_at CONSTANT timestamptz := coalesce((told ->> 'at')::timestamptz, now());
    told_source CONSTANT text := coalesce(told ->> 'source', 'unknown');
    told_by CONSTANT bigint := (told ->> 'by')::bigint;
    told_operation CONSTANT uuid := (told ->> 'operation')::uuid;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT organization_id, producer_id, 'producer', verb, state, id, about,
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(was)
             WHERE value IS DISTINCT FROM becomes -> key),
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(becomes)
             WHERE value IS DISTINCT FROM was -> key),
            told_at, source, told_by, told_operation
        FROM (
            SELECT n.organization_id, n.id, n.id AS producer_id, '' AS state,
                'changed' AS verb,
                told_source AS source,
                jsonb_build_object('npn', n.npn, 'first_name', n.first_name, 'last_name', n.last_name) AS about,
                jsonb_build_object('npn', o.npn, 'agency_id', o.agency_id, 'kind', o.kind, 'first_name', o.first_name, 'middle_name', o.middle_name, 'last_name', o.last_name, 'name_suffix', o.name_suffix, 'email', o.email, 'other_names', o.other_names, 'born_on', o.born_on, 'ssn_last4', o.ssn_last4, 'is_watched', o.is_watched, 'name_differs', o.name_differs, 'removed_at', o.removed_at, 'agency', (SELECT agency.name FROM producers_agency AS agency WHERE agency.id = o.agency_id)) AS was,
                jsonb_build_object('npn', n.npn, 'agency_id', n.agency_id, 'kind', n.kind, 'first_name', n.first_name, 'middle_name', n.middle_name, 'last_name', n.last_name, 'name_suffix', n.name_suffix, 'email', n.email, 'other_names', n.other_names, 'born_on', n.born_on, 'ssn_last4', n.ssn_last4, 'is_watched', n.is_watched, 'name_differs', n.name_differs, 'removed_at', n.removed_at, 'agency', (SELECT agency.name FROM producers_agency AS agency WHERE agency.id = n.agency_id)) AS becomes
            FROM old_rows AS o JOIN new_rows AS n USING (id)
            WHERE (o.npn, o.agency_id, o.kind, o.first_name, o.middle_name, o.last_name, o.name_suffix, o.email, o.other_names, o.born_on, o.ssn_last4, o.is_watched, o.name_differs, o.removed_at) IS DISTINCT FROM (n.npn, n.agency_id, n.kind, n.first_name, n.middle_name, n.last_name, n.name_suffix, n.email, n.other_names, n.born_on, n.ssn_last4, n.is_watched, n.name_differs, n.removed_at) AND NOT (o.synced_at IS NULL AND n.synced_at IS NOT NULL AND told_source = 'registry' AND (o.npn, o.agency_id, o.email, o.is_watched, o.removed_at) IS NOT DISTINCT FROM (n.npn, n.agency_id, n.email, n.is_watched, n.removed_at))
            OFFSET 0
        ) AS differing
        ORDER BY id;
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT o.organization_id, o.id, 'producer', 'removed', '', o.id,
            jsonb_build_object('npn', o.npn, 'first_name', o.first_name, 'last_name', o.last_name),
            jsonb_strip_nulls(jsonb_build_object('npn', o.npn, 'agency_id', o.agency_id, 'kind', o.kind, 'first_name', o.first_name, 'middle_name', o.middle_name, 'last_name', o.last_name, 'name_suffix', o.name_suffix, 'email', o.email, 'other_names', o.other_names, 'born_on', o.born_on, 'ssn_last4', o.ssn_last4, 'is_watched', o.is_watched, 'name_differs', o.name_differs, 'removed_at', o.removed_at, 'agency', (SELECT agency.name FROM producers_agency AS agency WHERE agency.id = o.agency_id))),
            '{}',
            told_at, told_source, told_by, told_operation
        FROM old_rows AS o
        ORDER BY o.id;
    END IF;
    RETURN NULL;
END
$body$;
