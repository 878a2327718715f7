"""Setting a field of many records to one value: old and new are shown before, and it can be taken back.

A kind names its model and what of it can be set. What is taken back is what this operation has set, within a
day, where nobody has set something else since.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from muster.access.models import OrganizationQuerySet
from muster.bulk.kinds import Judge, Row, SelectionKind, Span
from muster.bulk.models import Item, ItemState, Operation, Outcome
from muster.bulk.queries import starter_of
from muster.bulk.states import GOOD
from muster.bulk.store import add_findings, as_json
from muster.core.acting import GONE, NOT_PERMITTED
from muster.core.findings import Finding

SET, UNDO = "set", "undo"
"""Parameters of an operation: field and value, as `field:value`; or the operation that it takes back."""

TAKEN_BACK_FOR = timedelta(days=1)

NOTHING_CHOSEN = "UPD-E001"
ALREADY_SO = "UPD-E002"
CHANGED_SINCE = "UPD-E003"
TOO_LATE = "UPD-E004"


class Choice(NamedTuple):
    """A value that a field can be set to: as a form writes it, in words, and as the record keeps it."""

    told: str
    label: str
    value: Any


class Settable(NamedTuple):
    """A field that can be set; one whose value `is_written` is set for one record at a time."""

    field: str
    label: str
    is_written: bool = False


ANYTHING = object()


class Change(NamedTuple):
    """What one record's field is set to; where it is to be taken back, `only_from` what it was set to."""

    field: str
    value: Any
    only_from: Any = ANYTHING


class UpdateFields(SelectionKind):
    """Sets a field of many records to one value."""

    model: ClassVar[type[Any]]
    settable: ClassVar[tuple[Settable, ...]]
    verb = "Update"
    done = "updated"
    note = "Each is set to the new value. It can be taken back for a day, where nobody has changed it since."
    not_allowed = frozenset({NOT_PERMITTED})

    @abstractmethod
    def choices(self, organization_id: int, field: str) -> Sequence[Choice]:
        """What the field can be set to."""

    def choice_of(self, organization_id: int, field: str, told: str) -> Choice | None:
        """What a form means by what it says of the field; None where it means nothing."""
        return next((one for one in self.choices(organization_id, field) if one.told == told), None)

    def label_of(self, organization_id: int, field: str, values: Iterable[Any]) -> Mapping[Any, str]:
        """What values are called, those that can no longer be chosen too."""
        return {one.value: one.label for one in self.choices(organization_id, field)}

    def records(self, organization_id: int) -> QuerySet[Any]:
        """The records of the organization."""
        objects: OrganizationQuerySet = self.model.objects
        return objects.filter(organization_id=organization_id)

    def judge(self, operation: Operation) -> Judge:
        return _UpdateJudge(self, operation)

    def preview(self, operation: Operation) -> dict[str, int]:
        return {Outcome.UPDATED.value: Item.objects.filter(operation=operation, state__in=GOOD).count()}

    def apply(self, span: Span) -> None:
        operation = span.operation
        items = Item.objects.filter(
            operation=operation, row_no__range=(span.first, span.last), state__in=GOOD
        )
        rows = [Row(item.row_no, [], {}, target_id=item.target_id) for item in items.order_by("row_no")]
        ids = sorted({row.target_id for row in rows if row.target_id is not None})
        self.wait_for_others(operation.organization_id)
        # Locked in the order of their ids, as all writers do, then judged as they are now.
        locked = self.records(operation.organization_id).filter(pk__in=ids).order_by("pk")
        list(locked.select_for_update().values_list("pk"))
        _UpdateJudge(self, operation).judge(rows)
        refused = [found for row in rows for found in row.findings]
        good = [row for row in rows if not row.findings]
        by_change: dict[tuple[str, str], list[Row]] = {}
        for row in good:
            by_change.setdefault((row.data["field"], as_json(row.data["new"])), []).append(row)
        for (field, _), some in by_change.items():
            chosen = self.model.objects.filter(pk__in=[row.target_id for row in some])
            chosen.update(**{field: some[0].data["new"]})
            self.updated(operation, field, [row.target_id or 0 for row in some])
        _mark(operation, good, refused)

    def wait_for_others(self, organization_id: int) -> None:
        """Wait for whoever else writes these records, where more than their rows is locked for that."""
        return None

    def updated(self, operation: Operation, field: str, ids: Sequence[int]) -> None:
        """What follows where a field was set, in the same transaction."""
        return None

    def foresee(self, data: Mapping[str, Any]) -> str:
        return told(data)

    def say(self, result: Mapping[str, Any]) -> str:
        return told(result)

    def name_of_field(self, field: str) -> str:
        """What a field is called."""
        return next((one.label for one in self.settable if one.field == field), field)


def told(change: Mapping[str, Any]) -> str:
    """A change in words: "Agency: Cedar → Birch"."""
    if "field" not in change:
        return ""
    return f"{change['label']}: {change['from'] or 'none'} → {change['to'] or 'none'}"


class _UpdateJudge(Judge):
    """Judges what is to be set by what stands there now."""

    def __init__(self, kind: UpdateFields, operation: Operation) -> None:
        self._kind, self._operation = kind, operation
        self._may = _may(operation, kind)
        self._undone = _undone(operation)
        self._chosen = None if self._undone else _chosen(kind, operation)

    def judge(self, rows: Sequence[Row]) -> None:
        if not self._may:
            for row in rows:
                row.find(NOT_PERMITTED)
            return
        ids = [row.target_id for row in rows if row.target_id is not None]
        changes = self._changes(ids)
        fields = sorted({change.field for change in changes.values()})
        records = self._kind.records(self._operation.organization_id).filter(pk__in=ids)
        now = {pk: dict(zip(fields, rest, strict=True)) for pk, *rest in records.values_list("pk", *fields)}
        for row in rows:
            self._judge(row, changes.get(row.target_id or 0), now)
        self._label([row for row in rows if "field" in row.data])

    def _changes(self, ids: Sequence[int]) -> Mapping[int, Change]:
        if self._undone is None:
            return dict.fromkeys(ids, self._chosen) if self._chosen else {}
        items = Item.objects.filter(operation=self._undone.pk, state=ItemState.APPLIED, target_id__in=ids)
        told = items.values_list("target_id", "result")
        return {
            target: Change(result["field"], result["old"], only_from=result["new"])
            for target, result in told
            if target is not None and result
        }

    def _judge(self, row: Row, change: Change | None, now: Mapping[int, Mapping[str, Any]]) -> None:
        if row.target_id not in now:
            row.find(GONE)
        elif self._undone is not None and _is_over(self._undone, timezone.now()):
            row.find(TOO_LATE)
        elif change is None:
            row.find(NOTHING_CHOSEN)
        else:
            current = now[row.target_id or 0][change.field]
            if current == change.value:
                row.find(ALREADY_SO)
            elif change.only_from not in (ANYTHING, current):
                row.find(CHANGED_SINCE)
            else:
                row.data = {"field": change.field, "old": current, "new": change.value}

    def _label(self, rows: Sequence[Row]) -> None:
        for field in {row.data["field"] for row in rows}:
            some = [row for row in rows if row.data["field"] == field]
            values = {row.data[end] for row in some for end in ("old", "new")}
            labels = self._kind.label_of(self._operation.organization_id, field, values)
            for row in some:
                row.data |= {
                    "label": self._kind.name_of_field(field),
                    "from": _called(row.data["old"], labels),
                    "to": _called(row.data["new"], labels),
                }


def _called(value: Any, labels: Mapping[Any, str]) -> str:
    return labels.get(value, "" if value is None else str(value))


def _may(operation: Operation, kind: UpdateFields) -> bool:
    member = starter_of(operation)
    return member is not None and member.may(kind.permission)


def _undone(operation: Operation) -> Operation | None:
    if UNDO not in operation.params:
        return None
    of = Operation.objects.filter(organization_id=operation.organization_id, kind=operation.kind)
    return of.filter(pk=UUID(operation.params[UNDO])).first()


def _is_over(undone: Operation, now: datetime) -> bool:
    return undone.finished_at is None or now > undone.finished_at + TAKEN_BACK_FOR


def _chosen(kind: UpdateFields, operation: Operation) -> Change | None:
    field, _, told = str(operation.params.get(SET, "")).partition(":")
    settable = next((one for one in kind.settable if one.field == field), None)
    if settable is None or (settable.is_written and operation.rows != 1):
        return None
    choice = kind.choice_of(operation.organization_id, field, told)
    return Change(field, choice.value) if choice else None


def can_be_undone(kind: object, operation: Operation, now: datetime) -> bool:
    """Whether what the operation has set can still be taken back."""
    applied = operation.outcomes.get(Outcome.UPDATED.value, 0) if operation.outcomes else 0
    return isinstance(kind, UpdateFields) and bool(applied) and not _is_over(operation, now)


def records_to_undo(kind: UpdateFields, operation: Operation) -> QuerySet[Any]:
    """The records that the operation has set."""
    items = Item.objects.filter(operation=operation, state=ItemState.APPLIED).values("target_id")
    return kind.records(operation.organization_id).filter(pk__in=items).order_by("pk")


MARK = """
UPDATE bulk_item AS item
SET state = told.state, outcome = told.outcome, result = told.result::jsonb
FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[]) AS told (row_no, state, outcome, result)
WHERE item.operation_id = %s AND item.row_no = told.row_no
"""


def _mark(operation: Operation, good: Sequence[Row], refused: Sequence[Finding]) -> None:
    done = [(row.row_no, ItemState.APPLIED.value, Outcome.UPDATED.value, as_json(row.data)) for row in good]
    rejected = [
        (row_no, ItemState.REJECTED.value, Outcome.REJECTED.value, None)
        for row_no in sorted({found.row for found in refused if found.row is not None})
    ]
    if told := [*done, *rejected]:
        with connection.cursor() as cursor:
            cursor.execute(MARK, [*map(list, zip(*told, strict=True)), operation.pk])
    add_findings(operation.pk, refused)
