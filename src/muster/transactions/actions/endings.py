"""Ending appointments that are ticked in a list, or all that it holds: a transaction for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from muster.access.permissions import Permission
from muster.appointments.models import Appointment
from muster.bulk.kinds import Judge, Row, SelectionKind, Span
from muster.bulk.models import Item, Operation, Outcome
from muster.bulk.states import GOOD
from muster.core.acting import GONE, NOT_PERMITTED
from muster.core.findings import Finding, Severity
from muster.core.terminating import Asked
from muster.transactions.actions.items import mark_done, refuse, terms_of
from muster.transactions.ending import Desk, Ends, Tally
from muster.transactions.ending_batches import write_endings
from muster.transactions.ending_words import CHOSEN_TWICE, CHOSEN_UNWATCHED, find_of_chosen
from muster.transactions.facts import lock_producers
from muster.transactions.handling import author_of, handling_of, tell_held_back
from muster.transactions.sql import statement
from muster.transactions.terms import setup_of
from muster.transactions.writing import say_result

SLICE = 2_000
"""So many appointments are looked at, at a time."""

WISH = "wish"

READ = ("producer__is_watched", "state", "cocode", "line_name")


class Wish(NamedTuple):
    """Why the appointments are to end, and when: a reason's code, empty for each state's default."""

    reason: str = ""
    on: date | None = None
    for_cause: bool = False
    note: str = ""

    @property
    def judged(self) -> tuple[str, date | None]:
        """What of it states have a say in."""
        return self.reason, self.on

    @property
    def params(self) -> dict[str, Any]:
        """As the operation keeps it."""
        return {WISH: {**self._asdict(), "on": self.on.isoformat() if self.on else ""}}


def wish_of(params: Mapping[str, Any]) -> Wish:
    """What was wished, by the parameters of an operation."""
    told = dict(params.get(WISH, {}))
    on = told.pop("on", "")
    return Wish(**told, on=date.fromisoformat(on) if on else None)


class TerminateAppointments(SelectionKind):
    """End appointments, one by one or all of a list."""

    name = "terminate-appointments"
    label = "Terminate appointments"
    permission = Permission.PREPARE_FILINGS
    target = "appointment"
    one = "appointment"
    many = "appointments"
    chunk = 5_000
    verb = "Terminate"
    done = "requested"
    makes = "transaction,transactions"
    note = "A transaction is made for each. It ends the appointment once the state has accepted it."
    not_allowed = frozenset({NOT_PERMITTED})

    def judge(self, operation: Operation) -> Judge:
        return EndingJudge(operation, self.permission)

    def judge_together(self, operation: Operation) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement("chosen_twice"), {"operation": operation.pk, "code": CHOSEN_TWICE})

    def preview(self, operation: Operation) -> dict[str, int]:
        bench = Bench(operation)
        tally = Tally()
        for targets in _good(operation):
            for ends in bench.answer(targets).values():
                tally.add(ends)
        operation.source_facts |= {"forecast": tally.forecast._asdict()}
        operation.save(update_fields=["source_facts"])
        return {Outcome.CREATED.value: tally.requests}

    def apply(self, span: Span) -> None:
        operation = span.operation
        items = Item.objects.filter(
            operation=operation, row_no__range=(span.first, span.last), state__in=GOOD
        )
        rows = [
            Row(row_no, [], {}, target_id=target)
            for row_no, target in items.values_list("row_no", "target_id")
        ]
        # Facts may have changed since the check: they are read again, locked, and judged by the same rules.
        bench = Bench(operation, locks=True)
        terms = terms_of(operation, self.permission)
        good = bench.judge(rows, may=terms.may)
        refuse(operation, _errors(rows))
        author, budget = author_of(operation, bench.setup)
        written = write_endings(
            good,
            setup=bench.setup,
            author=author,
            now=timezone.now(),
            batching=handling_of(operation.params).batching,
            budget=budget,
        )
        if written:
            mark_done(
                operation,
                list(written),
                outcome=Outcome.CREATED,
                results={row_no: became.told for row_no, became in written.items()},
            )

    def say(self, result: Mapping[str, Any]) -> str:
        return say_result(result)

    def finished(self, operation: Operation) -> None:
        tell_held_back(operation, setup_of(operation.organization_id, today=timezone.localdate()))


class Bench:
    """Answers for appointments that are chosen, as the operation wishes it. `locks`: their producers too."""

    def __init__(self, operation: Operation, *, locks: bool = False) -> None:
        self._organization_id = operation.organization_id
        self._locks = locks
        self.setup = setup_of(operation.organization_id, today=timezone.localdate())
        self.wish = wish_of(operation.params)
        self._desk = Desk(self.setup)

    def answer(self, targets: Mapping[int, int], unwatched: set[int] | None = None) -> dict[int, Ends]:
        """What ending each of these comes to, by row number; `targets` are appointments by row number.

        Those that are gone, and those whose producers are not watched, have no answer.
        """
        chosen = Appointment.objects.filter(
            organization_id=self._organization_id, pk__in=set(targets.values()), gone_at=None
        )
        if self._locks:
            lock_producers(sorted(set(chosen.values_list("producer_id", flat=True))))
        facts = {one.pk: one for one in chosen.select_related("producer").only(*READ)}
        asked = []
        for row_no, target in targets.items():
            if target not in facts:
                continue
            one, wish = facts[target], self.wish
            if not one.producer.is_watched:
                if unwatched is not None:
                    unwatched.add(row_no)
                continue
            asked.append(
                Asked(
                    row_no=row_no,
                    producer_id=one.producer_id,
                    states=(one.state,),
                    cocodes=(one.cocode,),
                    lines=(one.line_name,),
                    reason=wish.reason,
                    on=wish.on,
                    for_cause=wish.for_cause,
                    note=wish.note,
                    appointment=target,
                )
            )
        # The same one twice is told by its name when it is checked, and never ended twice.
        answers = self._desk.answer_all(asked, apart=not self._locks) if asked else []
        return {ends.asked.row_no: ends for ends in answers}

    def judge(self, rows: Sequence[Row], *, may: bool) -> list[Ends]:
        """Add to the rows what stands against ending them; return the answers to those that end."""
        if not may:
            for row in rows:
                row.find(NOT_PERMITTED)
            return []
        unwatched: set[int] = set()
        targets = {row.row_no: row.target_id for row in rows if row.target_id is not None}
        answers = self.answer(targets, unwatched)
        good = []
        for row in rows:
            ends = answers.get(row.row_no)
            if ends is None:
                row.find(CHOSEN_UNWATCHED if row.row_no in unwatched else GONE)
                continue
            for told in ends.answer.told:
                find_of_chosen(row, told, self.wish.on.isoformat() if self.wish.on else "")
            if ends.answer.endings:
                good.append(ends)
        return good


class EndingJudge(Judge):
    """Judges appointments that are chosen by what is on file, and by what their states take."""

    def __init__(self, operation: Operation, permission: Permission) -> None:
        self._bench = Bench(operation)
        self._may = terms_of(operation, permission).may

    def judge(self, rows: Sequence[Row]) -> None:
        self._bench.judge(rows, may=self._may)


def _good(operation: Operation) -> Iterator[dict[int, int]]:
    """The good items, a slice at a time: appointments by row number."""
    last = 0
    items = Item.objects.filter(operation=operation, state__in=GOOD, target_id__isnull=False)
    while some := list(items.filter(row_no__gt=last).order_by("row_no")[:SLICE]):
        yield {item.row_no: item.target_id for item in some if item.target_id is not None}
        last = some[-1].row_no


def _errors(rows: Sequence[Row]) -> list[Finding]:
    return [found for row in rows for found in row.findings if found.severity is Severity.ERROR]
