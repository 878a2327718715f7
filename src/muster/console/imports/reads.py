"""What the import pages read: the history, the rows of an operation, how their sync goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.kinds import UploadKind, upload_kind_named, upload_kinds
from muster.bulk.models import Finding, Item, ItemState, Operation, Outcome
from muster.bulk.states import NOT_DONE
from muster.core.columns import without_ssns
from muster.core.findings import fix, sentence
from muster.producers.models import MOVING, SYNCED, TRIED_AGAIN, Producer, SyncStatus

PAGE = 25
ROWS = 50
NOT_PROCESSED = "not-processed"
OUTCOMES = (*Outcome.values, NOT_PROCESSED)


def uploads(member: Membership) -> QuerySet[Operation]:
    """The uploads that the member may look at."""
    names = [kind.name for kind in upload_kinds()]
    return Operation.objects.visible_to(member, Permission.READ).filter(kind__in=names).select_related("by")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the history; `older` is the key of the next one, or None."""

    operations: list[Operation]
    older: str | None


def history(member: Membership, *, before: str | None = None) -> Page:
    """The uploads, newest first, from the key `before` on."""
    found = uploads(member).order_by("-created_at", "-id")
    if before and (key := _key(before)):
        at, operation_id = key
        found = found.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=operation_id))
    operations = list(found[: PAGE + 1])
    older = None
    if len(operations) > PAGE:
        operations.pop()
        last = operations[-1]
        older = f"{last.created_at.isoformat()}_{last.pk}"
    return Page(operations, older)


def _key(text: str) -> tuple[datetime, UUID] | None:
    at, _, operation_id = text.partition("_")
    try:
        key = datetime.fromisoformat(at), UUID(operation_id)
    except ValueError:
        return None
    return key if key[0].tzinfo else None


def count_outcomes(operation: Operation) -> dict[str, int]:
    """Rows by outcome, for an operation that did not come to its end and so was never summed up."""
    items = Item.objects.filter(operation=operation)
    found = dict(items.values_list("outcome").annotate(n=Count("row_no")).order_by("outcome"))
    rejected = items.filter(outcome__isnull=True, state__in=NOT_DONE).count()
    counts = {name: count for name, count in found.items() if name}
    return counts | {Outcome.REJECTED.value: counts.get(Outcome.REJECTED, 0) + rejected}


@dataclass(frozen=True, slots=True)
class Told:
    """What a finding says, and what to do about it."""

    severity: str
    text: str
    fix: str


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row, as the results page shows it.

    Where there is no producer, `about` is the row's key and `named` the name in the file. `told` is what was
    found, `said` what became of it.
    """

    row_no: int
    outcome: str
    about: str
    named: str
    target_id: int | None
    producer: Producer | None
    told: list[Told]
    said: str
    same_as: int | None


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of rows; `after` is the row number from which the next page goes on, or None."""

    rows: list[RowResult]
    after: int | None


def rows_of(operation: Operation, member: Membership, *, outcome: str | None = None, after: int = 0) -> Rows:
    """The rows in the order of the file, with four queries however many they are."""
    items = Item.objects.filter(operation=operation, row_no__gt=after).order_by("row_no")
    if outcome == NOT_PROCESSED:
        items = items.filter(outcome__isnull=True)
    elif outcome:
        items = items.filter(outcome=outcome)
    page = list(items[: ROWS + 1])
    more = len(page) > ROWS
    page = page[:ROWS]
    kind = upload_kind_named(operation.kind)
    about_producers = kind.target == "producer"
    producers = _producers(member, (item.target_id for item in page)) if about_producers else {}
    told = _told(operation, [item.row_no for item in page])
    rows = [
        RowResult(
            item.row_no,
            item.outcome or NOT_PROCESSED,
            item.key or "",
            _named(item, kind),
            item.target_id,
            producers.get(item.target_id) if item.target_id else None,
            told.get(item.row_no, []),
            kind.say(item.result) if item.state == ItemState.APPLIED and item.result else "",
            (item.result or {}).get("same_as"),
        )
        for item in page
    ]
    return Rows(rows, page[-1].row_no if more else None)


def _named(item: Item, kind: UploadKind) -> str:
    told = (item.data.get(key) or "" for key in kind.naming)
    # An SSN that got into another column is not shown either.
    return without_ssns(" ".join(", ".join(one) if isinstance(one, list) else one for one in told if one))


def _producers(member: Membership, ids: Iterable[int | None]) -> dict[int, Producer]:
    wanted = {id_ for id_ in ids if id_}
    # What a file did to somebody who was removed since is still told with the name.
    return Producer.objects.ever_visible_to(member, Permission.READ).in_bulk(wanted) if wanted else {}


def _told(operation: Operation, row_nos: list[int]) -> dict[int, list[Told]]:
    found: dict[int, list[Told]] = {}
    if not row_nos:
        return found
    findings = Finding.objects.filter(operation=operation, row_no__in=row_nos).exclude(severity="info")
    for one in findings.order_by("row_no", "id"):
        words = {"field": one.field, "value": one.value, "params": one.params}
        found.setdefault(one.row_no or 0, []).append(
            Told(one.severity, sentence(one.code, **words), fix(one.code, **words))
        )
    return found


def notes_on_file(operation: Operation, *, limit: int = 20) -> list[str]:
    """What is worth knowing about how the file was read, and no trouble."""
    found = Finding.objects.filter(operation=operation, row_no__isnull=True, severity="info").order_by("id")
    return [
        sentence(one.code, field=one.field, value=one.value, params=one.params)
        for one in found[:limit]
        if one.code != "COL-I001"
    ]


def unknown_columns(operation: Operation) -> list[str]:
    """The headers that no column is called."""
    found = Finding.objects.filter(operation=operation, row_no__isnull=True, code="COL-I001")
    return [name for name in found.order_by("id").values_list("field", flat=True) if name]


SYNC = """
SELECT sync_status, count(*), count(*) FILTER (WHERE name_differs),
       min(sync_next_at) FILTER (WHERE sync_status = ANY(%(tried_again)s))
FROM producers_producer
WHERE organization_id = %(organization)s AND removed_at IS NULL AND id IN (
    SELECT target_id FROM bulk_item WHERE operation_id = %(operation)s AND target_id IS NOT NULL
)
GROUP BY sync_status
"""


@dataclass(frozen=True, slots=True)
class Sync:
    """How the registry sync of an operation's producers goes."""

    by_status: dict[SyncStatus, int]
    names_differ: int
    next_try: datetime | None

    @property
    def total(self) -> int:
        return sum(self.by_status.values())

    @property
    def waiting(self) -> int:
        return self._of(SyncStatus.NOT_STARTED, *MOVING)

    @property
    def tried_again(self) -> int:
        """How many met a fault of the moment and are tried again by themselves."""
        return self._of(*TRIED_AGAIN)

    @property
    def synced(self) -> int:
        """How many got a report."""
        return self._of(*SYNCED)

    @property
    def need_attention(self) -> int:
        """How many got the registry's last word, and it is no report."""
        return self.total - self.synced - self.waiting - self.tried_again

    @property
    def done(self) -> int:
        return self.total - self.waiting - self.tried_again

    @property
    def moves(self) -> bool:
        return self.waiting + self.tried_again > 0

    @property
    def parts(self) -> list[tuple[SyncStatus, int]]:
        """(status, count) of those that occur, in the order in which a producer goes through them."""
        return [(status, self.by_status[status]) for status in SyncStatus if self.by_status.get(status)]

    def _of(self, *statuses: SyncStatus) -> int:
        return sum(self.by_status.get(status, 0) for status in statuses)


def sync_of(operation: Operation) -> Sync:
    """The producers that the operation touched, counted by sync status."""
    with connection.cursor() as cursor:
        cursor.execute(
            SYNC,
            {
                "operation": operation.pk,
                "organization": operation.organization_id,
                "tried_again": [status.value for status in TRIED_AGAIN],
            },
        )
        found = cursor.fetchall()
    return Sync(
        {SyncStatus(status): count for status, count, _, _ in found},
        names_differ=sum(differing for _, _, differing, _ in found),
        next_try=min((at for _, _, _, at in found if at), default=None),
    )
