"""Removing producers that are ticked in a list, or all that it holds: at once, or once nothing is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils import timezone

from muster.access.permissions import Permission
from muster.bulk.kinds import Judge, Row, SelectionKind, Span
from muster.bulk.models import Item, Operation, Outcome
from muster.bulk.states import GOOD
from muster.core.acting import GONE, NOT_PERMITTED
from muster.core.counting import counted
from muster.offboarding.catalogue import REMOVED_ALREADY, WAITS_ALREADY
from muster.offboarding.operations import remove, wait_to_remove
from muster.offboarding.queries import Standing, Sum, standings_of
from muster.transactions.actions.items import mark_done, refuse, terms_of
from muster.transactions.facts import lock_producers

WHEN, AT_ONCE, ENDED = "when", "now", "ended"
"""The parameter of a removal that says when: at once, or once the terminations are accepted."""

WAITS = "waits"

SLICE = 2_000


def waits(params: Mapping[str, Any]) -> bool:
    """Whether a removal is to wait for the terminations, by the parameters of its operation."""
    return params.get(WHEN) == ENDED


class RemoveProducers(SelectionKind):
    """Removes producers from the organization; what is known of them stays, as history."""

    name = "remove-producers"
    label = "Remove producers"
    permission = Permission.REMOVE_PRODUCERS
    target = "producer"
    one = "producer"
    many = "producers"
    chunk = 2_000
    verb = "Remove"
    confirm = "Offboard"
    done = "removed"
    note = (
        "They leave all lists, searches, counts and reports, and are watched no longer. What is known of "
        "them stays as history. Whoever is needed again is onboarded again, by NPN."
    )
    not_allowed = frozenset({NOT_PERMITTED})

    def judge(self, operation: Operation) -> Judge:
        return _Judge(operation, self.permission)

    def preview(self, operation: Operation) -> dict[str, int]:
        total, good = Sum(), 0
        for ids in _good(operation):
            good += len(ids)
            for one in standings_of(operation.organization_id, ids).values():
                total.add(one)
        operation.source_facts |= {"open": total.params}
        operation.save(update_fields=["source_facts"])
        return {Outcome.UPDATED.value: good}

    def apply(self, span: Span) -> None:
        operation = span.operation
        items = Item.objects.filter(
            operation=operation, row_no__range=(span.first, span.last), state__in=GOOD
        )
        rows = [
            Row(row_no, [], {}, target_id=target)
            for row_no, target in items.order_by("row_no").values_list("row_no", "target_id")
        ]
        ids = sorted({row.target_id for row in rows if row.target_id is not None})
        # Locked, then judged as they are now: whoever files for them has to wait.
        lock_producers(ids)
        standings = standings_of(operation.organization_id, ids)
        until_ended = waits(operation.params)
        _judge(rows, standings, may=terms_of(operation, self.permission).may, until_ended=until_ended)
        refuse(operation, [found for row in rows for found in row.findings])
        good = {row.target_id: row for row in rows if not row.findings and row.target_id is not None}
        later = {one for one in good if until_ended and standings[one].is_waited_for}
        told: dict[str, Any] = {
            "organization_id": operation.organization_id,
            "by_id": operation.by_id,
            "operation_id": operation.pk,
            "now": timezone.now(),
        }
        gone = remove(producer_ids=good.keys() - later, **told)
        waiting = wait_to_remove(producer_ids=later, **told)
        results = {good[one].row_no: _result(standings[one]) for one in gone}
        results |= {good[one].row_no: {**_result(standings[one]), WAITS: True} for one in waiting}
        if results:
            mark_done(operation, list(results), results=results)

    def foresee(self, data: Mapping[str, Any]) -> str:
        return told_open(data)

    def say(self, result: Mapping[str, Any]) -> str:
        if result.get(WAITS):
            return f"Waits to be removed. {told_open(result)}"
        return told_open(result)


class _Judge(Judge):
    """Judges producers by whether they are still here, and keeps what is open of each."""

    def __init__(self, operation: Operation, permission: Permission) -> None:
        self._organization_id = operation.organization_id
        self._until_ended = waits(operation.params)
        self._may = terms_of(operation, permission).may and operation.by_id is not None

    def judge(self, rows: Sequence[Row]) -> None:
        ids = [row.target_id for row in rows if row.target_id is not None]
        _judge(
            rows,
            standings_of(self._organization_id, ids),
            may=self._may,
            until_ended=self._until_ended,
        )


def _judge(rows: Sequence[Row], standings: Mapping[int, Standing], *, may: bool, until_ended: bool) -> None:
    for row in rows:
        standing = standings.get(row.target_id or 0)
        if not may:
            row.find(NOT_PERMITTED)
        elif standing is None:
            row.find(GONE)
        elif standing.is_removed:
            row.find(REMOVED_ALREADY)
        elif until_ended and standing.is_leaving and standing.is_waited_for:
            row.find(WAITS_ALREADY)
        else:
            row.data = _result(standing)


def _result(standing: Standing) -> dict[str, Any]:
    told = standing._asdict()
    return {name: told[name] for name in ("ours", "others", "ending", "unsent", "sent") if told[name]}


def told_open(data: Mapping[str, Any]) -> str:
    """What is open of a producer, in a sentence; nothing where nothing is."""
    parts = []
    if ours := int(data.get("ours", 0)):
        parts.append(f"{counted(ours, 'appointment,appointments')} in force")
    if ending := int(data.get("ending", 0)):
        parts.append(f"{counted(ending, 'termination,terminations')} under way")
    if sent := int(data.get("sent", 0)):
        parts.append(f"{counted(sent, 'other transaction,other transactions')} at the registry")
    if unsent := int(data.get("unsent", 0)):
        parts.append(f"{counted(unsent, 'transaction,transactions')} not sent")
    return ", ".join(parts) + "." if parts else ""


def _good(operation: Operation) -> Iterator[list[int]]:
    """The producers of the good items, a slice at a time."""
    last = 0
    items = Item.objects.filter(operation=operation, state__in=GOOD, target_id__isnull=False)
    while some := list(items.filter(row_no__gt=last).order_by("row_no")[:SLICE]):
        yield [item.target_id for item in some if item.target_id is not None]
        last = some[-1].row_no
