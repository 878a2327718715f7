"""The pump: what was written since it last looked becomes events, and deliveries for whoever wants them.

Three tables are only ever added to, and each row of them has a higher id than the one before. But ids are
committed out of order: a row may appear below one that has been read. So the pump notes how far a table has
come, and who may still write below that; these hold a lock on the table from before they take an id until
they have ended. Once they have, everything up to there is read, and nothing can appear there any more.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection, transaction

from muster.notices.in_app import make_notices
from muster.webhooks.models import Cursor, Endpoint
from muster.webhooks.queue import defer_delivery
from muster.webhooks.sources import AUDIT, SOURCES, TABLES

STEP = 20_000
"""So many ids of a table are read in one transaction: what is killed is not far behind."""

HIGHEST = "SELECT coalesce(max(id), 0) FROM {table}"

# A lock of this mode is taken to add a row, before its id is, and is let go by the end of the transaction.
WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted AND relation = %s::regclass
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND pid IS DISTINCT FROM pg_backend_pid()
"""


def pump() -> int:
    """Turn what is new and settled into events, and return how many deliveries that made.

    Safe to run twice, at once, and after a kill: events, deliveries and the place up to which was read are
    written in one transaction a step. What others still write is left for the next time.
    """
    made = 0
    for table in TABLES:
        Cursor.objects.bulk_create([Cursor(table=table)], ignore_conflicts=True)
        while (step := _step(table)) is not None:
            made += step
    return made


def _step(table: str) -> int | None:
    """Go one step on; None where there is nothing to read, or not yet."""
    with transaction.atomic():
        cursor = Cursor.objects.select_for_update(skip_locked=True).filter(pk=table).first()
        if cursor is None:
            return None
        # Ends of earlier writers first, then rows: a statement of its own sees what they have committed.
        if cursor.upto is None and not _set_out(cursor):
            return None
        if cursor.awaited:
            cursor.awaited = sorted(set(cursor.awaited) & _writers(table))
        if cursor.awaited:
            cursor.save()
            return None
        assert cursor.upto is not None  # noqa: S101  it has set out
        made = _make(table, after=cursor.done, upto=cursor.upto)
        cursor.done, cursor.upto = cursor.upto, None
        cursor.save()
        if made:
            defer_delivery()
    return made


def _set_out(cursor: Cursor) -> bool:
    """Note where to go and whom to await, if there is anything new."""
    with connection.cursor() as asked:
        asked.execute(HIGHEST.format(table=cursor.table))
        (highest,) = asked.fetchone()
    if highest <= cursor.done:
        return False
    # Asked after the highest id was read: who took a lower one holds the lock by now, or has ended.
    cursor.upto, cursor.awaited = min(highest, cursor.done + STEP), sorted(_writers(cursor.table))
    return True


def _writers(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(WRITERS, [table])
        return {name for (name,) in cursor.fetchall()}


def _make(table: str, *, after: int, upto: int) -> int:
    if table == AUDIT:
        make_notices(after=after, upto=upto)
    made = 0
    wanted = _wanted()
    for type_, source in SOURCES.items():
        if source.table != table or type_ not in wanted:
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                source.statement,
                {
                    **source.parameters,
                    "type": type_.value,
                    "organizations": wanted[type_],
                    "after": after,
                    "upto": upto,
                },
            )
            made += cursor.rowcount
    return made


def _wanted() -> Mapping[str, list[int]]:
    """The organizations that want each type of event; nothing is read for others."""
    wanted: dict[str, set[int]] = {}
    for organization_id, types in Endpoint.objects.filter(off="").values_list("organization_id", "types"):
        for type_ in types:
            wanted.setdefault(type_, set()).add(organization_id)
    return {type_: sorted(ids) for type_, ids in wanted.items()}
