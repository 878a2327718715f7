-- Made by muster.history.triggers.installation().
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
                jsonb_build_object('npn', o.npn, 'agency_id', o.agency_id, 'kind', o.kind, 'first_name', o.first_name, 'middle_name', o.middle_name, 'last_name', o.last_name, 'name_suffix', o.name_suffix, 'email', o.email, 'other_names', o.other_names, 'born_on', o.born_on, 'ssn_last4', o.ssn_last4, 'is_watched', o.is_watched, 'name_differs', o.name_differs, 'agency', (SELECT agency.name FROM producers_agency AS agency WHERE agency.id = o.agency_id)) AS was,
                jsonb_build_object('npn', n.npn, 'agency_id', n.agency_id, 'kind', n.kind, 'first_name', n.first_name, 'middle_name', n.middle_name, 'last_name', n.last_name, 'name_suffix', n.name_suffix, 'email', n.email, 'other_names', n.other_names, 'born_on', n.born_on, 'ssn_last4', n.ssn_last4, 'is_watched', n.is_watched, 'name_differs', n.name_differs, 'agency', (SELECT agency.name FROM producers_agency AS agency WHERE agency.id = n.agency_id)) AS becomes
            FROM old_rows AS o JOIN new_rows AS n USING (id)
            WHERE (o.npn, o.agency_id, o.kind, o.first_name, o.middle_name, o.last_name, o.name_suffix, o.email, o.other_names, o.born_on, o.ssn_last4, o.is_watched, o.name_differs) IS DISTINCT FROM (n.npn, n.agency_id, n.kind, n.first_name, n.middle_name, n.last_name, n.name_suffix, n.email, n.other_names, n.born_on, n.ssn_last4, n.is_watched, n.name_differs) AND NOT (o.synced_at IS NULL AND n.synced_at IS NOT NULL)
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
            jsonb_strip_nulls(jsonb_build_object('npn', o.npn, 'agency_id', o.agency_id, 'kind', o.kind, 'first_name', o.first_name, 'middle_name', o.middle_name, 'last_name', o.last_name, 'name_suffix', o.name_suffix, 'email', o.email, 'other_names', o.other_names, 'born_on', o.born_on, 'ssn_last4', o.ssn_last4, 'is_watched', o.is_watched, 'name_differs', o.name_differs, 'agency', (SELECT agency.name FROM producers_agency AS agency WHERE agency.id = o.agency_id))),
            '{}',
            told_at, told_source, told_by, told_operation
        FROM old_rows AS o
        ORDER BY o.id;
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION history_of_producers_registryaddress() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $body$
DECLARE
    told CONSTANT jsonb := coalesce(nullif(current_setting('muster.changes', true), ''), '{}');
    told_at CONSTANT timestamptz := coalesce((told ->> 'at')::timestamptz, now());
    told_source CONSTANT text := coalesce(told ->> 'source', 'unknown');
    told_by CONSTANT bigint := (told ->> 'by')::bigint;
    told_operation CONSTANT uuid := (told ->> 'operation')::uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        WITH synced AS MATERIALIZED (
            SELECT parent.id FROM (SELECT DISTINCT producer_id AS id FROM new_rows) AS parent
            WHERE (
                SELECT producer.synced_at IS NOT NULL FROM producers_producer AS producer WHERE producer.id = parent.id
            )
        )
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT n.organization_id, n.producer_id, 'address', 'added', n.state, n.id,
            jsonb_build_object('type_code', n.type_code, 'type_name', n.type_name),
            '{}',
            jsonb_strip_nulls(jsonb_build_object('state', n.state, 'type_code', n.type_code, 'type_name', n.type_name, 'line_1', n.line_1, 'line_2', n.line_2, 'line_3', n.line_3, 'city', n.city, 'address_state', n.address_state, 'zip', n.zip, 'country', n.country, 'updated_on', n.updated_on)),
            told_at, told_source, told_by, told_operation
        FROM new_rows AS n JOIN synced ON synced.id = n.producer_id
        ORDER BY n.id;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT organization_id, producer_id, 'address', verb, state, id, about,
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(was)
             WHERE value IS DISTINCT FROM becomes -> key),
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(becomes)
             WHERE value IS DISTINCT FROM was -> key),
            told_at, source, told_by, told_operation
        FROM (
            SELECT n.organization_id, n.id, n.producer_id AS producer_id, n.state AS state,
                CASE
                    WHEN o.gone_at IS NULL AND n.gone_at IS NOT NULL THEN 'gone'
                    WHEN o.gone_at IS NOT NULL AND n.gone_at IS NULL THEN 'back'
                    ELSE 'changed'
                END AS verb,
                told_source AS source,
                jsonb_build_object('type_code', n.type_code, 'type_name', n.type_name) AS about,
                jsonb_build_object('state', o.state, 'type_code', o.type_code, 'type_name', o.type_name, 'line_1', o.line_1, 'line_2', o.line_2, 'line_3', o.line_3, 'city', o.city, 'address_state', o.address_state, 'zip', o.zip, 'country', o.country, 'updated_on', o.updated_on) AS was,
                jsonb_build_object('state', n.state, 'type_code', n.type_code, 'type_name', n.type_name, 'line_1', n.line_1, 'line_2', n.line_2, 'line_3', n.line_3, 'city', n.city, 'address_state', n.address_state, 'zip', n.zip, 'country', n.country, 'updated_on', n.updated_on) AS becomes
            FROM old_rows AS o JOIN new_rows AS n USING (id)
            WHERE (o.state, o.type_code, o.type_name, o.line_1, o.line_2, o.line_3, o.city, o.address_state, o.zip, o.country, o.gone_at IS NULL) IS DISTINCT FROM (n.state, n.type_code, n.type_name, n.line_1, n.line_2, n.line_3, n.city, n.address_state, n.zip, n.country, n.gone_at IS NULL)
            OFFSET 0
        ) AS differing
        ORDER BY id;
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT o.organization_id, o.producer_id, 'address', 'removed', o.state, o.id,
            jsonb_build_object('type_code', o.type_code, 'type_name', o.type_name),
            jsonb_strip_nulls(jsonb_build_object('state', o.state, 'type_code', o.type_code, 'type_name', o.type_name, 'line_1', o.line_1, 'line_2', o.line_2, 'line_3', o.line_3, 'city', o.city, 'address_state', o.address_state, 'zip', o.zip, 'country', o.country, 'updated_on', o.updated_on, 'gone_at', o.gone_at)),
            '{}',
            told_at, told_source, told_by, told_operation
        FROM old_rows AS o
        ORDER BY o.id;
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION history_of_producers_registrycontact() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $body$
DECLARE
    told CONSTANT jsonb := coalesce(nullif(current_setting('muster.changes', true), ''), '{}');
    told_at CONSTANT timestamptz := coalesce((told ->> 'at')::timestamptz, now());
    told_source CONSTANT text := coalesce(told ->> 'source', 'unknown');
    told_by CONSTANT bigint := (told ->> 'by')::bigint;
    told_operation CONSTANT uuid := (told ->> 'operation')::uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        WITH synced AS MATERIALIZED (
            SELECT parent.id FROM (SELECT DISTINCT producer_id AS id FROM new_rows) AS parent
            WHERE (
                SELECT producer.synced_at IS NOT NULL FROM producers_producer AS producer WHERE producer.id = parent.id
            )
        )
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT n.organization_id, n.producer_id, 'contact', 'added', n.state, n.id,
            jsonb_build_object('kind', n.kind),
            '{}',
            jsonb_strip_nulls(jsonb_build_object('state', n.state, 'kind', n.kind, 'value', n.value, 'updated_on', n.updated_on)),
            told_at, told_source, told_by, told_operation
        FROM new_rows AS n JOIN synced ON synced.id = n.producer_id
        ORDER BY n.id;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT organization_id, producer_id, 'contact', verb, state, id, about,
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(was)
             WHERE value IS DISTINCT FROM becomes -> key),
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(becomes)
             WHERE value IS DISTINCT FROM was -> key),
            told_at, source, told_by, told_operation
        FROM (
            SELECT n.organization_id, n.id, n.producer_id AS producer_id, n.state AS state,
                CASE
                    WHEN o.gone_at IS NULL AND n.gone_at IS NOT NULL THEN 'gone'
                    WHEN o.gone_at IS NOT NULL AND n.gone_at IS NULL THEN 'back'
                    ELSE 'changed'
                END AS verb,
                told_source AS source,
                jsonb_build_object('kind', n.kind) AS about,
                jsonb_build_object('state', o.state, 'kind', o.kind, 'value', o.value, 'updated_on', o.updated_on) AS was,
                jsonb_build_object('state', n.state, 'kind', n.kind, 'value', n.value, 'updated_on', n.updated_on) AS becomes
            FROM old_rows AS o JOIN new_rows AS n USING (id)
            WHERE (o.state, o.kind, o.value, o.gone_at IS NULL) IS DISTINCT FROM (n.state, n.kind, n.value, n.gone_at IS NULL)
            OFFSET 0
        ) AS differing
        ORDER BY id;
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT o.organization_id, o.producer_id, 'contact', 'removed', o.state, o.id,
            jsonb_build_object('kind', o.kind),
            jsonb_strip_nulls(jsonb_build_object('state', o.state, 'kind', o.kind, 'value', o.value, 'updated_on', o.updated_on, 'gone_at', o.gone_at)),
            '{}',
            told_at, told_source, told_by, told_operation
        FROM old_rows AS o
        ORDER BY o.id;
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION history_of_producers_regulatoryaction() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $body$
DECLARE
    told CONSTANT jsonb := coalesce(nullif(current_setting('muster.changes', true), ''), '{}');
    told_at CONSTANT timestamptz := coalesce((told ->> 'at')::timestamptz, now());
    told_source CONSTANT text := coalesce(told ->> 'source', 'unknown');
    told_by CONSTANT bigint := (told ->> 'by')::bigint;
    told_operation CONSTANT uuid := (told ->> 'operation')::uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        WITH synced AS MATERIALIZED (
            SELECT parent.id FROM (SELECT DISTINCT producer_id AS id FROM new_rows) AS parent
            WHERE (
                SELECT producer.synced_at IS NOT NULL FROM producers_producer AS producer WHERE producer.id = parent.id
            )
        )
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT n.organization_id, n.producer_id, 'action', 'added', n.state, n.id,
            jsonb_build_object('action_id', n.action_id, 'reason', n.reason),
            '{}',
            jsonb_strip_nulls(jsonb_build_object('state', n.state, 'action_id', n.action_id, 'origin', n.origin, 'reason', n.reason, 'disposition', n.disposition, 'penalty', n.penalty, 'order_length', n.order_length, 'file_reference', n.file_reference, 'action_on', n.action_on, 'effective_on', n.effective_on, 'entered_on', n.entered_on)),
            told_at, told_source, told_by, told_operation
        FROM new_rows AS n JOIN synced ON synced.id = n.producer_id
        ORDER BY n.id;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT organization_id, producer_id, 'action', verb, state, id, about,
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(was)
             WHERE value IS DISTINCT FROM becomes -> key),
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(becomes)
             WHERE value IS DISTINCT FROM was -> key),
            told_at, source, told_by, told_operation
        FROM (
            SELECT n.organization_id, n.id, n.producer_id AS producer_id, n.state AS state,
                CASE
                    WHEN o.gone_at IS NULL AND n.gone_at IS NOT NULL THEN 'gone'
                    WHEN o.gone_at IS NOT NULL AND n.gone_at IS NULL THEN 'back'
                    ELSE 'changed'
                END AS verb,
                told_source AS source,
                jsonb_build_object('action_id', n.action_id, 'reason', n.reason) AS about,
                jsonb_build_object('state', o.state, 'action_id', o.action_id, 'origin', o.origin, 'reason', o.reason, 'disposition', o.disposition, 'penalty', o.penalty, 'order_length', o.order_length, 'file_reference', o.file_reference, 'action_on', o.action_on, 'effective_on', o.effective_on, 'entered_on', o.entered_on) AS was,
                jsonb_build_object('state', n.state, 'action_id', n.action_id, 'origin', n.origin, 'reason', n.reason, 'disposition', n.disposition, 'penalty', n.penalty, 'order_length', n.order_length, 'file_reference', n.file_reference, 'action_on', n.action_on, 'effective_on', n.effective_on, 'entered_on', n.entered_on) AS becomes
            FROM old_rows AS o JOIN new_rows AS n USING (id)
            WHERE (o.state, o.action_id, o.origin, o.reason, o.disposition, o.penalty, o.order_length, o.file_reference, o.action_on, o.effective_on, o.entered_on, o.gone_at IS NULL) IS DISTINCT FROM (n.state, n.action_id, n.origin, n.reason, n.disposition, n.penalty, n.order_length, n.file_reference, n.action_on, n.effective_on, n.entered_on, n.gone_at IS NULL)
            OFFSET 0
        ) AS differing
        ORDER BY id;
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT o.organization_id, o.producer_id, 'action', 'removed', o.state, o.id,
            jsonb_build_object('action_id', o.action_id, 'reason', o.reason),
            jsonb_strip_nulls(jsonb_build_object('state', o.state, 'action_id', o.action_id, 'origin', o.origin, 'reason', o.reason, 'disposition', o.disposition, 'penalty', o.penalty, 'order_length', o.order_length, 'file_reference', o.file_reference, 'action_on', o.action_on, 'effective_on', o.effective_on, 'entered_on', o.entered_on, 'gone_at', o.gone_at)),
            '{}',
            told_at, told_source, told_by, told_operation
        FROM old_rows AS o
        ORDER BY o.id;
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION history_of_licenses_license() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $body$
DECLARE
    told CONSTANT jsonb := coalesce(nullif(current_setting('muster.changes', true), ''), '{}');
    told_at CONSTANT timestamptz := coalesce((told ->> 'at')::timestamptz, now());
    told_source CONSTANT text := coalesce(told ->> 'source', 'unknown');
    told_by CONSTANT bigint := (told ->> 'by')::bigint;
    told_operation CONSTANT uuid := (told ->> 'operation')::uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        WITH synced AS MATERIALIZED (
            SELECT parent.id FROM (SELECT DISTINCT producer_id AS id FROM new_rows) AS parent
            WHERE (
                SELECT producer.synced_at IS NOT NULL FROM producers_producer AS producer WHERE producer.id = parent.id
            )
        )
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT n.organization_id, n.producer_id, 'license', 'added', n.state, n.id,
            jsonb_build_object('number', n.number, 'class_name', n.class_name),
            '{}',
            jsonb_strip_nulls(jsonb_build_object('state', n.state, 'number', n.number, 'class_code', n.class_code, 'class_name', n.class_name, 'residency', n.residency, 'is_active', n.is_active, 'issued_on', n.issued_on, 'expires_on', n.expires_on, 'adjuster_home_state', n.adjuster_home_state, 'updated_on', n.updated_on)),
            told_at, told_source, told_by, told_operation
        FROM new_rows AS n JOIN synced ON synced.id = n.producer_id
        ORDER BY n.id;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT organization_id, producer_id, 'license', verb, state, id, about,
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(was)
             WHERE value IS DISTINCT FROM becomes -> key),
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(becomes)
             WHERE value IS DISTINCT FROM was -> key),
            told_at, source, told_by, told_operation
        FROM (
            SELECT n.organization_id, n.id, n.producer_id AS producer_id, n.state AS state,
                CASE
                    WHEN o.gone_at IS NULL AND n.gone_at IS NOT NULL THEN 'gone'
                    WHEN o.gone_at IS NOT NULL AND n.gone_at IS NULL THEN 'back'
                    ELSE 'changed'
                END AS verb,
                told_source AS source,
                jsonb_build_object('number', n.number, 'class_name', n.class_name) AS about,
                jsonb_build_object('state', o.state, 'number', o.number, 'class_code', o.class_code, 'class_name', o.class_name, 'residency', o.residency, 'is_active', o.is_active, 'issued_on', o.issued_on, 'expires_on', o.expires_on, 'adjuster_home_state', o.adjuster_home_state, 'updated_on', o.updated_on) AS was,
                jsonb_build_object('state', n.state, 'number', n.number, 'class_code', n.class_code, 'class_name', n.class_name, 'residency', n.residency, 'is_active', n.is_active, 'issued_on', n.issued_on, 'expires_on', n.expires_on, 'adjuster_home_state', n.adjuster_home_state, 'updated_on', n.updated_on) AS becomes
            FROM old_rows AS o JOIN new_rows AS n USING (id)
            WHERE (o.state, o.number, o.class_code, o.class_name, o.residency, o.is_active, o.issued_on, o.expires_on, o.adjuster_home_state, o.gone_at IS NULL) IS DISTINCT FROM (n.state, n.number, n.class_code, n.class_name, n.residency, n.is_active, n.issued_on, n.expires_on, n.adjuster_home_state, n.gone_at IS NULL)
            OFFSET 0
        ) AS differing
        ORDER BY id;
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT o.organization_id, o.producer_id, 'license', 'removed', o.state, o.id,
            jsonb_build_object('number', o.number, 'class_name', o.class_name),
            jsonb_strip_nulls(jsonb_build_object('state', o.state, 'number', o.number, 'class_code', o.class_code, 'class_name', o.class_name, 'residency', o.residency, 'is_active', o.is_active, 'issued_on', o.issued_on, 'expires_on', o.expires_on, 'adjuster_home_state', o.adjuster_home_state, 'updated_on', o.updated_on, 'gone_at', o.gone_at)),
            '{}',
            told_at, told_source, told_by, told_operation
        FROM old_rows AS o
        ORDER BY o.id;
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION history_of_licenses_lineofauthority() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $body$
DECLARE
    told CONSTANT jsonb := coalesce(nullif(current_setting('muster.changes', true), ''), '{}');
    told_at CONSTANT timestamptz := coalesce((told ->> 'at')::timestamptz, now());
    told_source CONSTANT text := coalesce(told ->> 'source', 'unknown');
    told_by CONSTANT bigint := (told ->> 'by')::bigint;
    told_operation CONSTANT uuid := (told ->> 'operation')::uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        WITH synced AS MATERIALIZED (
            SELECT parent.id FROM (SELECT DISTINCT license_id AS id FROM new_rows) AS parent
            WHERE (
                SELECT producer.synced_at IS NOT NULL FROM producers_producer AS producer WHERE producer.id = (SELECT license.producer_id FROM licenses_license AS license WHERE license.id = parent.id)
            )
        )
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT n.organization_id, coalesce((SELECT license.producer_id FROM licenses_license AS license WHERE license.id = n.license_id), 0), 'line', 'added', coalesce((SELECT license.state FROM licenses_license AS license WHERE license.id = n.license_id), ''), n.id,
            jsonb_build_object('code', n.code, 'name', n.name, 'license', (SELECT license.number FROM licenses_license AS license WHERE license.id = n.license_id)),
            '{}',
            jsonb_strip_nulls(jsonb_build_object('code', n.code, 'name', n.name, 'status', n.status, 'status_reason', n.status_reason, 'status_reason_on', n.status_reason_on, 'issued_on', n.issued_on, 'ce_compliance', n.ce_compliance, 'ce_renewal_on', n.ce_renewal_on, 'ce_credits_needed', n.ce_credits_needed)),
            told_at, told_source, told_by, told_operation
        FROM new_rows AS n JOIN synced ON synced.id = n.license_id
        ORDER BY n.id;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT organization_id, producer_id, 'line', verb, state, id, about,
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(was)
             WHERE value IS DISTINCT FROM becomes -> key),
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(becomes)
             WHERE value IS DISTINCT FROM was -> key),
            told_at, source, told_by, told_operation
        FROM (
            SELECT n.organization_id, n.id, coalesce((SELECT license.producer_id FROM licenses_license AS license WHERE license.id = n.license_id), 0) AS producer_id, coalesce((SELECT license.state FROM licenses_license AS license WHERE license.id = n.license_id), '') AS state,
                CASE
                    WHEN o.gone_at IS NULL AND n.gone_at IS NOT NULL THEN 'gone'
                    WHEN o.gone_at IS NOT NULL AND n.gone_at IS NULL THEN 'back'
                    ELSE 'changed'
                END AS verb,
                told_source AS source,
                jsonb_build_object('code', n.code, 'name', n.name, 'license', (SELECT license.number FROM licenses_license AS license WHERE license.id = n.license_id)) AS about,
                jsonb_build_object('code', o.code, 'name', o.name, 'status', o.status, 'status_reason', o.status_reason, 'status_reason_on', o.status_reason_on, 'issued_on', o.issued_on, 'ce_compliance', o.ce_compliance, 'ce_renewal_on', o.ce_renewal_on, 'ce_credits_needed', o.ce_credits_needed) AS was,
                jsonb_build_object('code', n.code, 'name', n.name, 'status', n.status, 'status_reason', n.status_reason, 'status_reason_on', n.status_reason_on, 'issued_on', n.issued_on, 'ce_compliance', n.ce_compliance, 'ce_renewal_on', n.ce_renewal_on, 'ce_credits_needed', n.ce_credits_needed) AS becomes
            FROM old_rows AS o JOIN new_rows AS n USING (id)
            WHERE (o.code, o.name, o.status, o.status_reason, o.status_reason_on, o.issued_on, o.ce_compliance, o.ce_renewal_on, o.ce_credits_needed, o.gone_at IS NULL) IS DISTINCT FROM (n.code, n.name, n.status, n.status_reason, n.status_reason_on, n.issued_on, n.ce_compliance, n.ce_renewal_on, n.ce_credits_needed, n.gone_at IS NULL)
            OFFSET 0
        ) AS differing
        ORDER BY id;
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT o.organization_id, coalesce((SELECT license.producer_id FROM licenses_license AS license WHERE license.id = o.license_id), 0), 'line', 'removed', coalesce((SELECT license.state FROM licenses_license AS license WHERE license.id = o.license_id), ''), o.id,
            jsonb_build_object('code', o.code, 'name', o.name, 'license', (SELECT license.number FROM licenses_license AS license WHERE license.id = o.license_id)),
            jsonb_strip_nulls(jsonb_build_object('code', o.code, 'name', o.name, 'status', o.status, 'status_reason', o.status_reason, 'status_reason_on', o.status_reason_on, 'issued_on', o.issued_on, 'ce_compliance', o.ce_compliance, 'ce_renewal_on', o.ce_renewal_on, 'ce_credits_needed', o.ce_credits_needed, 'gone_at', o.gone_at)),
            '{}',
            told_at, told_source, told_by, told_operation
        FROM old_rows AS o
        ORDER BY o.id;
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION history_of_appointments_appointment() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $body$
DECLARE
    told CONSTANT jsonb := coalesce(nullif(current_setting('muster.changes', true), ''), '{}');
    told_at CONSTANT timestamptz := coalesce((told ->> 'at')::timestamptz, now());
    told_source CONSTANT text := coalesce(told ->> 'source', 'unknown');
    told_by CONSTANT bigint := (told ->> 'by')::bigint;
    told_operation CONSTANT uuid := (told ->> 'operation')::uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        WITH synced AS MATERIALIZED (
            SELECT parent.id FROM (SELECT DISTINCT producer_id AS id FROM new_rows) AS parent
            WHERE (
                SELECT producer.synced_at IS NOT NULL FROM producers_producer AS producer WHERE producer.id = parent.id
            )
        )
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT n.organization_id, n.producer_id, 'appointment', 'added', n.state, n.id,
            jsonb_build_object('cocode', n.cocode, 'company_name', n.company_name, 'line_name', n.line_name, 'county_code', n.county_code),
            '{}',
            jsonb_strip_nulls(jsonb_build_object('state', n.state, 'cocode', n.cocode, 'company_name', n.company_name, 'fein', n.fein, 'line_name', n.line_name, 'line_code', n.line_code, 'county_code', n.county_code, 'status', n.status, 'termination_reason', n.termination_reason, 'first_effective_on', n.first_effective_on, 'status_on', n.status_on, 'renews_on', n.renews_on, 'agency_affiliation', n.agency_affiliation, 'state_company_id', n.state_company_id, 'health', n.health, 'risks', n.risks)),
            told_at, told_source, told_by, told_operation
        FROM new_rows AS n JOIN synced ON synced.id = n.producer_id
        ORDER BY n.id;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT organization_id, producer_id, 'appointment', verb, state, id, about,
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(was)
             WHERE value IS DISTINCT FROM becomes -> key),
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(becomes)
             WHERE value IS DISTINCT FROM was -> key),
            told_at, source, told_by, told_operation
        FROM (
            SELECT n.organization_id, n.id, n.producer_id AS producer_id, n.state AS state,
                CASE
                    WHEN o.gone_at IS NULL AND n.gone_at IS NOT NULL THEN 'gone'
                    WHEN o.gone_at IS NOT NULL AND n.gone_at IS NULL THEN 'back'
                    ELSE 'changed'
                END AS verb,
                CASE WHEN (o.state, o.cocode, o.company_name, o.fein, o.line_name, o.line_code, o.county_code, o.status, o.termination_reason, o.first_effective_on, o.status_on, o.renews_on, o.agency_affiliation, o.state_company_id, o.gone_at IS NULL) IS DISTINCT FROM (n.state, n.cocode, n.company_name, n.fein, n.line_name, n.line_code, n.county_code, n.status, n.termination_reason, n.first_effective_on, n.status_on, n.renews_on, n.agency_affiliation, n.state_company_id, n.gone_at IS NULL) THEN told_source ELSE 'muster' END AS source,
                jsonb_build_object('cocode', n.cocode, 'company_name', n.company_name, 'line_name', n.line_name, 'county_code', n.county_code) AS about,
                jsonb_build_object('state', o.state, 'cocode', o.cocode, 'company_name', o.company_name, 'fein', o.fein, 'line_name', o.line_name, 'line_code', o.line_code, 'county_code', o.county_code, 'status', o.status, 'termination_reason', o.termination_reason, 'first_effective_on', o.first_effective_on, 'status_on', o.status_on, 'renews_on', o.renews_on, 'agency_affiliation', o.agency_affiliation, 'state_company_id', o.state_company_id, 'health', o.health, 'risks', o.risks) AS was,
                jsonb_build_object('state', n.state, 'cocode', n.cocode, 'company_name', n.company_name, 'fein', n.fein, 'line_name', n.line_name, 'line_code', n.line_code, 'county_code', n.county_code, 'status', n.status, 'termination_reason', n.termination_reason, 'first_effective_on', n.first_effective_on, 'status_on', n.status_on, 'renews_on', n.renews_on, 'agency_affiliation', n.agency_affiliation, 'state_company_id', n.state_company_id, 'health', n.health, 'risks', n.risks) AS becomes
            FROM old_rows AS o JOIN new_rows AS n USING (id)
            WHERE ((o.state, o.cocode, o.company_name, o.fein, o.line_name, o.line_code, o.county_code, o.status, o.termination_reason, o.first_effective_on, o.status_on, o.renews_on, o.agency_affiliation, o.state_company_id, o.gone_at IS NULL) IS DISTINCT FROM (n.state, n.cocode, n.company_name, n.fein, n.line_name, n.line_code, n.county_code, n.status, n.termination_reason, n.first_effective_on, n.status_on, n.renews_on, n.agency_affiliation, n.state_company_id, n.gone_at IS NULL) OR (o.health <> '' AND (o.health, o.risks) IS DISTINCT FROM (n.health, n.risks)))
            OFFSET 0
        ) AS differing
        ORDER BY id;
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT o.organization_id, o.producer_id, 'appointment', 'removed', o.state, o.id,
            jsonb_build_object('cocode', o.cocode, 'company_name', o.company_name, 'line_name', o.line_name, 'county_code', o.county_code),
            jsonb_strip_nulls(jsonb_build_object('state', o.state, 'cocode', o.cocode, 'company_name', o.company_name, 'fein', o.fein, 'line_name', o.line_name, 'line_code', o.line_code, 'county_code', o.county_code, 'status', o.status, 'termination_reason', o.termination_reason, 'first_effective_on', o.first_effective_on, 'status_on', o.status_on, 'renews_on', o.renews_on, 'agency_affiliation', o.agency_affiliation, 'state_company_id', o.state_company_id, 'health', o.health, 'risks', o.risks, 'gone_at', o.gone_at)),
            '{}',
            told_at, told_source, told_by, told_operation
        FROM old_rows AS o
        ORDER BY o.id;
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION history_of_assignments_assignment() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $body$
DECLARE
    told CONSTANT jsonb := coalesce(nullif(current_setting('muster.changes', true), ''), '{}');
    told_at CONSTANT timestamptz := coalesce((told ->> 'at')::timestamptz, now());
    told_source CONSTANT text := coalesce(told ->> 'source', 'unknown');
    told_by CONSTANT bigint := (told ->> 'by')::bigint;
    told_operation CONSTANT uuid := (told ->> 'operation')::uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        WITH synced AS MATERIALIZED (
            SELECT parent.id FROM (SELECT DISTINCT producer_id AS id FROM new_rows) AS parent
            WHERE (
                SELECT producer.synced_at IS NOT NULL FROM producers_producer AS producer WHERE producer.id = parent.id
            )
        )
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT n.organization_id, n.producer_id, 'assignment', 'added', CASE cardinality(n.states) WHEN 1 THEN n.states[1] ELSE '' END, n.id,
            jsonb_build_object('categories', n.categories, 'states', n.states),
            '{}',
            jsonb_strip_nulls(jsonb_build_object('identity', n.identity, 'categories', n.categories, 'states', n.states, 'cocodes', n.cocodes, 'scorecard_type', n.scorecard_type, 'agent_type', n.agent_type, 'starts_on', n.starts_on, 'ends_on', n.ends_on)),
            told_at, told_source, told_by, told_operation
        FROM new_rows AS n JOIN synced ON synced.id = n.producer_id
        ORDER BY n.id;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT organization_id, producer_id, 'assignment', verb, state, id, about,
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(was)
             WHERE value IS DISTINCT FROM becomes -> key),
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(becomes)
             WHERE value IS DISTINCT FROM was -> key),
            told_at, source, told_by, told_operation
        FROM (
            SELECT n.organization_id, n.id, n.producer_id AS producer_id, CASE cardinality(n.states) WHEN 1 THEN n.states[1] ELSE '' END AS state,
                'changed' AS verb,
                told_source AS source,
                jsonb_build_object('categories', n.categories, 'states', n.states) AS about,
                jsonb_build_object('identity', o.identity, 'categories', o.categories, 'states', o.states, 'cocodes', o.cocodes, 'scorecard_type', o.scorecard_type, 'agent_type', o.agent_type, 'starts_on', o.starts_on, 'ends_on', o.ends_on) AS was,
                jsonb_build_object('identity', n.identity, 'categories', n.categories, 'states', n.states, 'cocodes', n.cocodes, 'scorecard_type', n.scorecard_type, 'agent_type', n.agent_type, 'starts_on', n.starts_on, 'ends_on', n.ends_on) AS becomes
            FROM old_rows AS o JOIN new_rows AS n USING (id)
            WHERE (o.identity, o.categories, o.states, o.cocodes, o.scorecard_type, o.agent_type, o.starts_on, o.ends_on) IS DISTINCT FROM (n.identity, n.categories, n.states, n.cocodes, n.scorecard_type, n.agent_type, n.starts_on, n.ends_on)
            OFFSET 0
        ) AS differing
        ORDER BY id;
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT o.organization_id, o.producer_id, 'assignment', 'removed', CASE cardinality(o.states) WHEN 1 THEN o.states[1] ELSE '' END, o.id,
            jsonb_build_object('categories', o.categories, 'states', o.states),
            jsonb_strip_nulls(jsonb_build_object('identity', o.identity, 'categories', o.categories, 'states', o.states, 'cocodes', o.cocodes, 'scorecard_type', o.scorecard_type, 'agent_type', o.agent_type, 'starts_on', o.starts_on, 'ends_on', o.ends_on)),
            '{}',
            told_at, told_source, told_by, told_operation
        FROM old_rows AS o
        ORDER BY o.id;
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON producers_producer
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_producers_producer();
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON producers_producer
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_producers_producer();
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON producers_registryaddress
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_producers_registryaddress();
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON producers_registryaddress
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_producers_registryaddress();
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON producers_registryaddress
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_producers_registryaddress();
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON producers_registrycontact
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_producers_registrycontact();
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON producers_registrycontact
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_producers_registrycontact();
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON producers_registrycontact
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_producers_registrycontact();
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON producers_regulatoryaction
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_producers_regulatoryaction();
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON producers_regulatoryaction
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_producers_regulatoryaction();
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON producers_regulatoryaction
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_producers_regulatoryaction();
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON licenses_license
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_licenses_license();
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON licenses_license
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_licenses_license();
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON licenses_license
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_licenses_license();
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON licenses_lineofauthority
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_licenses_lineofauthority();
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON licenses_lineofauthority
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_licenses_lineofauthority();
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON licenses_lineofauthority
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_licenses_lineofauthority();
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON appointments_appointment
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_appointments_appointment();
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON appointments_appointment
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_appointments_appointment();
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON appointments_appointment
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_appointments_appointment();
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON assignments_assignment
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_assignments_assignment();
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON assignments_assignment
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_assignments_assignment();
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON assignments_assignment
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_assignments_assignment();