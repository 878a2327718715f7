CREATE OR REPLACE FUNCTION history_of_profiles_owncontact() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $body$
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
            WHERE true
        )
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT n.organization_id, n.producer_id, 'own_contact', 'added', n.state, n.id,
            jsonb_build_object(),
            '{}',
            jsonb_strip_nulls(jsonb_build_object('email', n.email, 'phone', n.phone, 'mobile', n.mobile, 'line_1', n.line_1, 'line_2', n.line_2, 'city', n.city, 'state', n.state, 'zip', n.zip)),
            told_at, told_source, told_by, told_operation
        FROM new_rows AS n JOIN synced ON synced.id = n.producer_id
        ORDER BY n.id;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT organization_id, producer_id, 'own_contact', verb, state, id, about,
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(was)
             WHERE value IS DISTINCT FROM becomes -> key),
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(becomes)
             WHERE value IS DISTINCT FROM was -> key),
            told_at, source, told_by, told_operation
        FROM (
            SELECT n.organization_id, n.id, n.producer_id AS producer_id, n.state AS state,
                'changed' AS verb,
                told_source AS source,
                jsonb_build_object() AS about,
                jsonb_build_object('email', o.email, 'phone', o.phone, 'mobile', o.mobile, 'line_1', o.line_1, 'line_2', o.line_2, 'city', o.city, 'state', o.state, 'zip', o.zip) AS was,
                jsonb_build_object('email', n.email, 'phone', n.phone, 'mobile', n.mobile, 'line_1', n.line_1, 'line_2', n.line_2, 'city', n.city, 'state', n.state, 'zip', n.zip) AS becomes
            FROM old_rows AS o JOIN new_rows AS n USING (id)
            WHERE (o.email, o.phone, o.mobile, o.line_1, o.line_2, o.city, o.state, o.zip) IS DISTINCT FROM (n.email, n.phone, n.mobile, n.line_1, n.line_2, n.city, n.state, n.zip)
            OFFSET 0
        ) AS differing
        ORDER BY id;
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT o.organization_id, o.producer_id, 'own_contact', 'removed', o.state, o.id,
            jsonb_build_object(),
            jsonb_strip_nulls(jsonb_build_object('email', o.email, 'phone', o.phone, 'mobile', o.mobile, 'line_1', o.line_1, 'line_2', o.line_2, 'city', o.city, 'state', o.state, 'zip', o.zip)),
            '{}',
            told_at, told_source, told_by, told_operation
        FROM old_rows AS o
        ORDER BY o.id;
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION history_of_profiles_employment() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $body$
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
            WHERE true
        )
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT n.organization_id, n.producer_id, 'employment', 'added', n.state, n.id,
            jsonb_build_object('employer', n.employer),
            '{}',
            jsonb_strip_nulls(jsonb_build_object('employer', n.employer, 'title', n.title, 'city', n.city, 'state', n.state, 'starts_on', n.starts_on, 'ends_on', n.ends_on)),
            told_at, told_source, told_by, told_operation
        FROM new_rows AS n JOIN synced ON synced.id = n.producer_id
        ORDER BY n.id;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT organization_id, producer_id, 'employment', verb, state, id, about,
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(was)
             WHERE value IS DISTINCT FROM becomes -> key),
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(becomes)
             WHERE value IS DISTINCT FROM was -> key),
            told_at, source, told_by, told_operation
        FROM (
            SELECT n.organization_id, n.id, n.producer_id AS producer_id, n.state AS state,
                'changed' AS verb,
                told_source AS source,
                jsonb_build_object('employer', n.employer) AS about,
                jsonb_build_object('employer', o.employer, 'title', o.title, 'city', o.city, 'state', o.state, 'starts_on', o.starts_on, 'ends_on', o.ends_on) AS was,
                jsonb_build_object('employer', n.employer, 'title', n.title, 'city', n.city, 'state', n.state, 'starts_on', n.starts_on, 'ends_on', n.ends_on) AS becomes
            FROM old_rows AS o JOIN new_rows AS n USING (id)
            WHERE (o.employer, o.title, o.city, o.state, o.starts_on, o.ends_on) IS DISTINCT FROM (n.employer, n.title, n.city, n.state, n.starts_on, n.ends_on)
            OFFSET 0
        ) AS differing
        ORDER BY id;
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT o.organization_id, o.producer_id, 'employment', 'removed', o.state, o.id,
            jsonb_build_object('employer', o.employer),
            jsonb_strip_nulls(jsonb_build_object('employer', o.employer, 'title', o.title, 'city', o.city, 'state', o.state, 'starts_on', o.starts_on, 'ends_on', o.ends_on)),
            '{}',
            told_at, told_source, told_by, told_operation
        FROM old_rows AS o
        ORDER BY o.id;
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION history_of_profiles_backgroundanswer() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $body$
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
            WHERE true
        )
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT n.organization_id, n.producer_id, 'background', 'added', '', n.id,
            jsonb_build_object('question', n.question),
            '{}',
            jsonb_strip_nulls(jsonb_build_object('question', n.question, 'is_yes', n.is_yes, 'explanation', n.explanation)),
            told_at, told_source, told_by, told_operation
        FROM new_rows AS n JOIN synced ON synced.id = n.producer_id
        ORDER BY n.id;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT organization_id, producer_id, 'background', verb, state, id, about,
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(was)
             WHERE value IS DISTINCT FROM becomes -> key),
            (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(becomes)
             WHERE value IS DISTINCT FROM was -> key),
            told_at, source, told_by, told_operation
        FROM (
            SELECT n.organization_id, n.id, n.producer_id AS producer_id, '' AS state,
                'changed' AS verb,
                told_source AS source,
                jsonb_build_object('question', n.question) AS about,
                jsonb_build_object('question', o.question, 'is_yes', o.is_yes, 'explanation', o.explanation) AS was,
                jsonb_build_object('question', n.question, 'is_yes', n.is_yes, 'explanation', n.explanation) AS becomes
            FROM old_rows AS o JOIN new_rows AS n USING (id)
            WHERE (o.question, o.is_yes, o.explanation) IS DISTINCT FROM (n.question, n.is_yes, n.explanation)
            OFFSET 0
        ) AS differing
        ORDER BY id;
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )
        SELECT o.organization_id, o.producer_id, 'background', 'removed', '', o.id,
            jsonb_build_object('question', o.question),
            jsonb_strip_nulls(jsonb_build_object('question', o.question, 'is_yes', o.is_yes, 'explanation', o.explanation)),
            '{}',
            told_at, told_source, told_by, told_operation
        FROM old_rows AS o
        ORDER BY o.id;
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION history_row_stays() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% row % cannot get another id, nor another owner: its history would be lost.',
        TG_TABLE_NAME, OLD.id
        USING HINT = 'Delete the row and insert another.', ERRCODE = 'integrity_constraint_violation';
END
$body$;

CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON profiles_owncontact
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_profiles_owncontact();
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON profiles_owncontact
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_profiles_owncontact();
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON profiles_owncontact
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_profiles_owncontact();
CREATE OR REPLACE TRIGGER history_row_stays BEFORE UPDATE OF id, organization_id, producer_id ON profiles_owncontact
    FOR EACH ROW WHEN ((OLD.id, OLD.organization_id, OLD.producer_id) IS DISTINCT FROM (NEW.id, NEW.organization_id, NEW.producer_id))
    EXECUTE FUNCTION history_row_stays();
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON profiles_employment
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_profiles_employment();
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON profiles_employment
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_profiles_employment();
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON profiles_employment
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_profiles_employment();
CREATE OR REPLACE TRIGGER history_row_stays BEFORE UPDATE OF id, organization_id, producer_id ON profiles_employment
    FOR EACH ROW WHEN ((OLD.id, OLD.organization_id, OLD.producer_id) IS DISTINCT FROM (NEW.id, NEW.organization_id, NEW.producer_id))
    EXECUTE FUNCTION history_row_stays();
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON profiles_backgroundanswer
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_profiles_backgroundanswer();
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON profiles_backgroundanswer
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_profiles_backgroundanswer();
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON profiles_backgroundanswer
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history_of_profiles_backgroundanswer();
CREATE OR REPLACE TRIGGER history_row_stays BEFORE UPDATE OF id, organization_id, producer_id ON profiles_backgroundanswer
    FOR EACH ROW WHEN ((OLD.id, OLD.organization_id, OLD.producer_id) IS DISTINCT FROM (NEW.id, NEW.organization_id, NEW.producer_id))
    EXECUTE FUNCTION history_row_stays();