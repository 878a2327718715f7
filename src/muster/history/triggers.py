"""The functions that write the history, made from what is tracked.

Each runs once a statement, over the rows as they were and as they are (transition tables), whoever wrote them
and however many. A row in which nothing tracked differs costs one comparison.

The two tables are joined by a hash, always: a function's plan is kept, and one made for a single row would
compare ten thousand with ten thousand later. All else is looked up by key, for the rows that are kept only.
"""

from __future__ import annotations

from muster.history.tracked import TRACKED, Tracked

VARIABLE = "muster.changes"
"""The setting in which `muster.history.context` says who writes."""

FUNCTION = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $body$
{body}
$body$;
"""
BODY = """
DECLARE
    told CONSTANT jsonb := coalesce(nullif(current_setting('{variable}', true), ''), '{{}}');
    told_at CONSTANT timestamptz := coalesce((told ->> 'at')::timestamptz, now());
    told_source CONSTANT text := coalesce(told ->> 'source', 'unknown');
    told_by CONSTANT bigint := (told ->> 'by')::bigint;
    told_operation CONSTANT uuid := (told ->> 'operation')::uuid;
BEGIN
{branches}
    RETURN NULL;
END
"""
INTO = """INSERT INTO history_change (
            organization_id, producer_id, kind, verb, state, record_id, about, old, new,
            at, source, by_id, operation_id
        )"""
ADDED = """    IF TG_OP = 'INSERT' THEN
        WITH synced AS MATERIALIZED (
            SELECT parent.id FROM (SELECT DISTINCT {parent} AS id FROM new_rows) AS parent
            WHERE {was_synced}
        )
        {into}
        SELECT n.organization_id, {producer}, '{kind}', 'added', {state}, n.id,
            {about},
            '{{}}',
            jsonb_strip_nulls({values}),
            told_at, told_source, told_by, told_operation
        FROM new_rows AS n JOIN synced ON synced.id = n.{parent}
        ORDER BY n.id;
    END IF;"""
CHANGED = """    IF TG_OP = 'UPDATE' THEN
        {into}
        SELECT organization_id, producer_id, '{kind}', verb, state, id, about,
            (SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each(was)
             WHERE value IS DISTINCT FROM becomes -> key),
            (SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each(becomes)
             WHERE value IS DISTINCT FROM was -> key),
            told_at, source, told_by, told_operation
        FROM (
            SELECT n.organization_id, n.id, {producer} AS producer_id, {state} AS state,
                {verb} AS verb,
                {source} AS source,
                {about} AS about,
                {old_values} AS was,
                {values} AS becomes
            FROM old_rows AS o JOIN new_rows AS n USING (id)
            WHERE {differs}
            OFFSET 0
        ) AS differing
        ORDER BY id;
    END IF;"""
REMOVED = """    IF TG_OP = 'DELETE' THEN
        {into}
        SELECT o.organization_id, {old_producer}, '{kind}', 'removed', {old_state}, o.id,
            {old_about},
            jsonb_strip_nulls({last_values}),
            '{{}}',
            told_at, told_source, told_by, told_operation
        FROM old_rows AS o
        ORDER BY o.id;
    END IF;"""
GONE_OR_BACK = """CASE
                    WHEN o.gone_at IS NULL AND n.gone_at IS NOT NULL THEN 'gone'
                    WHEN o.gone_at IS NOT NULL AND n.gone_at IS NULL THEN 'back'
                    ELSE 'changed'
                END"""
STAYS = "history_row_stays"
STAY = f"""CREATE OR REPLACE FUNCTION {STAYS}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% row % cannot get another id, nor another owner: its history would be lost.',
        TG_TABLE_NAME, OLD.id
        USING HINT = 'Delete the row and insert another.', ERRCODE = 'integrity_constraint_violation';
END
$body$;
"""
EVENTS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
}


def function_of(tracked: Tracked) -> str:
    """The name of the function that keeps the table's history."""
    return f"history_of_{tracked.table}"


def body_of(tracked: Tracked) -> str:
    """What the function does, as PostgreSQL keeps it (`pg_proc.prosrc`)."""
    parts = {
        "into": INTO,
        "kind": tracked.kind.value,
        "parent": tracked.parent,
        "was_synced": _indented(tracked.was_synced.format(parent="parent.id"), 12),
        "producer": tracked.producer.format(row="n"),
        "state": tracked.state.format(row="n"),
        "about": _about(tracked, "n"),
        "values": _values(tracked, "n"),
        "old_producer": tracked.producer.format(row="o"),
        "old_state": tracked.state.format(row="o"),
        "old_about": _about(tracked, "o"),
        "old_values": _values(tracked, "o"),
        "last_values": _values(tracked, "o", *["gone_at"] * tracked.can_be_gone),
        "verb": GONE_OR_BACK if tracked.can_be_gone else "'changed'",
        "source": _source(tracked),
        "differs": _differs(tracked),
    }
    branches = [ADDED] * tracked.is_added + [CHANGED, REMOVED]
    told = "\n".join(branch.format(**parts) for branch in branches)
    return "\n" + BODY.format(variable=VARIABLE, branches=told).strip("\n") + "\n"


def installation() -> str:
    """The statements that install the functions and triggers as they are tracked now, for a migration."""
    return "\n".join(
        [
            FUNCTION.format(function=function_of(one), body=body_of(one).strip("\n")).strip() + "\n"
            for one in TRACKED
        ]
        + [STAY]
        + [statement for one in TRACKED for statement in _triggers(one)]
    )


def _triggers(tracked: Tracked) -> list[str]:
    events = [event for event in EVENTS if tracked.is_added or event != "INSERT"]
    return [
        f"CREATE OR REPLACE TRIGGER history_{event.lower()} AFTER {event} ON {tracked.table}\n"
        f"    {EVENTS[event]} FOR EACH STATEMENT EXECUTE FUNCTION {function_of(tracked)}();"
        for event in events
    ] + [_stays(tracked)]


def _stays(tracked: Tracked) -> str:
    # The statements of a sync name none of these columns, and pay nothing for it.
    bound = tracked.bound
    return (
        f"CREATE OR REPLACE TRIGGER {STAYS} BEFORE UPDATE OF {', '.join(bound)} ON {tracked.table}\n"
        f"    FOR EACH ROW WHEN ({_compared([f'{{row}}.{name}' for name in bound], ('OLD', 'NEW'))})\n"
        f"    EXECUTE FUNCTION {STAYS}();"
    )


def _about(tracked: Tracked, row: str) -> str:
    named = [(name, f"{row}.{name}") for name in tracked.about]
    return _object([*named, *((name, form.format(row=row)) for name, form in tracked.about_extras)])


def _values(tracked: Tracked, row: str, *more: str) -> str:
    named = [(name, f"{row}.{name}") for name in (*tracked.kept, *more)]
    return _object([*named, *((name, form.format(row=row)) for name, form in tracked.extras)])


def _object(named: list[tuple[str, str]]) -> str:
    return f"jsonb_build_object({', '.join(f'{name!r}, {form}' for name, form in named)})"


def _differs(tracked: Tracked) -> str:
    differs = _news(tracked)
    if tracked.judged:
        differs = f"({differs} OR {_judged_anew(tracked)})"
    return differs + f" AND NOT ({tracked.unless})" * bool(tracked.unless)


def _news(tracked: Tracked) -> str:
    gone = ["{row}.gone_at IS NULL"] * tracked.can_be_gone
    return _compared([*(f"{{row}}.{name}" for name in tracked.columns), *gone])


def _judged_anew(tracked: Tracked) -> str:
    return f"(o.{tracked.judged[0]} <> '' AND {_compared([f'{{row}}.{name}' for name in tracked.judged])})"


def _compared(forms: list[str], names: tuple[str, str] = ("o", "n")) -> str:
    rows = [", ".join(form.format(row=row) for form in forms) for row in names]
    return f"({rows[0]}) IS DISTINCT FROM ({rows[1]})"


def _source(tracked: Tracked) -> str:
    # Whoever has the records judged: the verdict is Muster's.
    return (
        f"CASE WHEN {_news(tracked)} THEN told_source ELSE 'muster' END" if tracked.judged else "told_source"
    )


def _indented(text: str, by: int) -> str:
    return text.replace("\n", "\n" + " " * by)
