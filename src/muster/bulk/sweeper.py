"""Finds operations whose worker died, and rows that were kept long enough. Safe to run twice."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from muster.bulk.models import Finding, Item, Operation, OperationState
from muster.bulk.parts import drop_parts
from muster.bulk.queue import defer_run
from muster.bulk.runner import revive
from muster.bulk.states import UNDER_WAY, move

SILENT_FOR = timedelta(seconds=60)

# The lock that a runner holds shows that it lives, however long its chunk takes.
HELD = """
SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND (classid::bigint << 32 | objid::bigint) = hashtextextended(%s, 0)
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
"""


def sweep_silent_operations(silent_for: timedelta = SILENT_FOR) -> int:
    """Queue every operation that is under way but has no living runner; return how many."""
    silent = Operation.objects.filter(state__in=UNDER_WAY, beat_at__lt=timezone.now() - silent_for)
    revived = 0
    for operation_id in silent.order_by("created_at", "id").values_list("id", flat=True):
        with connection.cursor() as cursor:
            cursor.execute(HELD, [str(operation_id)])
            (held,) = cursor.fetchone()
        if not held and revive(operation_id):
            defer_run(operation_id)
            revived += 1
    return revived


def purge_old_rows() -> None:
    """Wipe what people's files said from operations in which nothing has happened for the retention time.

    Those that still wait for a person are canceled by it. Counts, row numbers and outcomes stay.
    """
    before = timezone.now() - timedelta(days=settings.MUSTER_ROW_RETENTION_DAYS)
    last = Coalesce("finished_at", "started_at", "checked_at", "created_at")
    old = Operation.objects.annotate(last=last).filter(last__lt=before, rows_purged=False)
    for operation in old.exclude(state__in=UNDER_WAY).order_by("created_at", "id"):
        with transaction.atomic():
            move(
                operation.pk, to=OperationState.CANCELED, finished_at=operation.finished_at or timezone.now()
            )
            drop_parts(operation.pk)
            Item.objects.filter(operation=operation).update(key=None, cells=[], data={})
            Finding.objects.filter(operation=operation).update(value=None, params={})
            Operation.objects.filter(pk=operation.pk).update(rows_purged=True, params={})
