"""Upload type Terminate: ending appointments, a transaction for each that a row means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any, ClassVar

from django.db import connection
from django.utils import timezone

from muster.access.models import OrganizationQuerySet
from muster.access.permissions import Permission
from muster.bulk.kinds import Judge, Row, Span, UploadKind
from muster.bulk.models import Item, ItemState, Operation, Outcome
from muster.bulk.queries import starter_of
from muster.bulk.repeats import skip_duplicates
from muster.bulk.states import GOOD
from muster.bulk.store import add_findings, as_json
from muster.carriers.models import Company
from muster.carriers.termination_reasons import reasons_by_state
from muster.core.columns import Columns
from muster.core.findings import finding
from muster.core.rules.reasons import termination_reasons
from muster.core.sync import names_another
from muster.core.terminating import Asked, Problem, Told
from muster.core.words import LOA_CATEGORIES, states
from muster.core.writing import Tab
from muster.imports.terminate_columns import COCODES, COLUMNS, LINES, NAME, NPN, ON, REASON, STATES
from muster.producers.queries import producers_for
from muster.transactions.ending import Desk, Ends, Tally
from muster.transactions.ending_batches import write_endings
from muster.transactions.ending_words import words_of
from muster.transactions.facts import lock_producers
from muster.transactions.handling import author_of, handling_of, tell_held_back
from muster.transactions.terms import setup_of
from muster.transactions.writing import Written, say_result

SLICE = 2_000
"""So many requests are answered at a time."""


class TerminateUpload(UploadKind):
    """Requests to end appointments: a transaction for every appointment in force that each means."""

    name = "terminate"
    label = "Terminate"
    permission = Permission.PREPARE_FILINGS
    one = "request"
    many = "requests"
    verb = "Submit"
    made = "Requested"
    batched = True
    plans = True
    outcomes = (Outcome.CREATED, Outcome.UNCHANGED, Outcome.REJECTED)
    chunk = 2_000
    summary = "End appointments: of producers, in states, with companies, for lines."
    steps: ClassVar[Sequence[str]] = (
        "Fill in one row a producer: NPN, states, lines, CoCodes; several of each with semicolons.",
        "Choose a reason that each state takes: see the tab termination_reason_key.",
        "Upload it here as XLSX or CSV; the other tabs may stay. Nothing is filed before it is released.",
    )

    def columns(self, organization_id: int) -> Columns:
        return COLUMNS

    def accepted_values(self, organization_id: int) -> Mapping[str, Sequence[tuple[str, str]]]:
        companies = Company.objects.filter(organization_id=organization_id).order_by("name", "id")
        return {
            STATES: list(states().items()),
            LINES: list(LOA_CATEGORIES.items()),
            COCODES: list(companies.values_list("cocode", "name")),
            REASON: list(termination_reasons().items()),
        }

    def examples(self, organization_id: int) -> Sequence[Mapping[str, str]]:
        one = {"npn": "3000001", "states": "CA;FL", "lines": "life", "cocodes": "90101", "reason": "death"}
        return (one,)

    def tabs(self, organization_id: int) -> Sequence[Tab]:
        rows = [["State", "Name", "Accepted Reasons", "Reason Needed", "Your Default"]]
        for one in reasons_by_state(organization_id, today=timezone.localdate()):
            told = "; ".join(one.accepted.values()) if one.is_known else "unknown"
            rows.append([one.state, one.name, told, one.needed, one.accepted.get(one.default, "")])
        return [Tab("termination_reason_key", rows)]

    def judge(self, operation: Operation) -> Judge:
        return TerminateJudge(
            operation.organization_id, producers_for(operation.organization_id, starter_of(operation))
        )

    def judge_together(self, operation: Operation) -> None:
        skip_duplicates(operation)

    def preview(self, operation: Operation) -> dict[str, int]:
        desk = Desk(setup_of(operation.organization_id, today=timezone.localdate()))
        tally, requests = Tally(), _asked_of(operation)
        while some := list(islice(requests, SLICE)):
            for ends in desk.answer_all(some):
                tally.add(ends)
        operation.source_facts |= {"forecast": tally.forecast._asdict()}
        operation.save(update_fields=["source_facts"])
        good = Item.objects.filter(operation=operation, state__in=GOOD).count()
        return {Outcome.CREATED.value: tally.requests, Outcome.UNCHANGED.value: good - tally.requests}

    def apply(self, span: Span) -> None:
        operation, now = span.operation, timezone.now()
        setup = setup_of(operation.organization_id, today=timezone.localdate(now))
        desk = Desk(setup)
        asked = list(_asked_of(operation, span))
        lock_producers(sorted({one.producer_id for one in asked}))
        standing = _watched(operation, {one.producer_id for one in asked})
        found = desk.answer_all([one for one in asked if one.producer_id in standing])
        good = [ends for ends in found if not ends.answer.is_refused]
        author, budget = author_of(operation, setup)
        written = write_endings(
            good,
            setup=setup,
            author=author,
            now=now,
            batching=handling_of(operation.params).batching,
            budget=budget,
        )
        _tell_items(operation, asked, written)

    def finished(self, operation: Operation) -> None:
        tell_held_back(operation, setup_of(operation.organization_id, today=timezone.localdate()))

    def say(self, result: Mapping[str, Any]) -> str:
        return say_result(result) if result.get("made") else "There was nothing left to end."


class TerminateJudge(Judge):
    """Judges requests to end appointments against those on file. Sets the producer and the key."""

    def __init__(self, organization_id: int, producers: OrganizationQuerySet) -> None:
        self._producers = producers
        self._desk = Desk(setup_of(organization_id, today=timezone.localdate()))

    def judge(self, rows: Sequence[Row]) -> None:
        npns = {row.data["npn"] for row in rows if "npn" in row.data}
        producers = self._producers.filter(npn__in=npns)
        facts = producers.values_list("npn", "id", "is_watched", "first_name", "last_name", "removed_at")
        known = {npn: rest for npn, *rest in facts}
        by_row = {row.row_no: row for row in rows}
        for row in rows:
            self._judge_producer(row, known)
            if row.data.get("for_cause") and not row.data.get("note"):
                row.find("TERM-E008")
        asked = [asked_of(row.row_no, row.data) for row in rows if _is_whole(row)]
        for ends in self._desk.answer_all(asked, apart=True):
            row = by_row[ends.asked.row_no]
            for told in ends.answer.told:
                _find(row, told)

    def _judge_producer(self, row: Row, known: Mapping[str, Sequence[Any]]) -> None:
        npn = row.data.get("npn")
        if not npn:
            return
        row.key = npn
        unknown = (None, False, "", "", None)
        producer_id, is_watched, first_name, last_name, removed_at = known.get(npn, unknown)
        if removed_at is not None:
            row.find("TERM-E011", field=NPN, value=npn)
            return
        if producer_id is None or not is_watched:
            row.find("TERM-E001" if producer_id is None else "TERM-E002", field=NPN, value=npn)
            return
        row.data["producer_id"] = producer_id
        named = row.data.get("name", "")
        if named and names_another(named, last_name):
            name = f"{first_name} {last_name}".strip()
            row.find("TERM-W006", field=NAME, value=named, npn=npn, name=name)


def _is_whole(row: Row) -> bool:
    return {"producer_id", "states", "lines", "cocodes"} <= row.data.keys()


def _find(row: Row, told: Told) -> None:
    """Add the finding that tells a problem of a request, with what it is about as its value."""
    params = words_of(told)
    state = params.get("state", "")
    match told.problem:
        case Problem.COMPANY_UNKNOWN:
            row.find("TERM-E010", field=COCODES, value=params["cocode"])
        case Problem.NOT_FOUND:
            row.find("TERM-E003", value=_place(params), **params)
        case Problem.LINE_UNKNOWN:
            near = f"; “{params['near']}” is close" if params["near"] else ""
            told_near = {"near": near, "suggestion": params["near"]}
            row.find("TERM-E004", field=LINES, value=params["line"], state=state, **told_near)
        case Problem.REASON_REFUSED:
            row.find("TERM-E005", field=REASON, value=f"{params['reason']} in {state}", **params)
        case Problem.REASON_MISSING:
            row.find("TERM-E006", field=REASON, value=state, **params)
        case Problem.REASON_OPEN:
            row.find("TERM-W005", field=REASON, value=state)
        case Problem.DATE_REFUSED:
            day = str(row.data.get("on"))
            row.find("TERM-E007", field=ON, value=f"{day} in {state}", day=day, **params)
        case Problem.ENDED:
            row.find("TERM-W001", value=_place(params) + params["day"], **params)
        case Problem.BEING_ENDED:
            row.find("TERM-W002", value=_place(params) + params["number"], **params)
        case Problem.DATE_IGNORED:
            row.find("TERM-W003", field=ON, value=state, **params)
        case Problem.BEFORE_START:
            row.find("TERM-E012", field=ON, value=str(row.data.get("on")), **params)
        case Problem.MORE_NOT_FOUND:
            row.find("TERM-E013", **params)


def _place(params: Mapping[str, str]) -> str:
    """Which appointment a problem is about; what is the same is told once, with all its rows."""
    return f"{params['line']}, {params['cocode']}, {params['state']}"


def asked_of(row_no: int, data: Mapping[str, Any]) -> Asked:
    """The request that a cleaned row makes."""
    return Asked(
        row_no=row_no,
        producer_id=data["producer_id"],
        states=tuple(data["states"]),
        cocodes=tuple(data["cocodes"]),
        lines=tuple(data["lines"]),
        reason=data.get("reason", ""),
        on=date.fromisoformat(data["on"]) if data.get("on") else None,
        for_cause=bool(data.get("for_cause")),
        note=data.get("note", ""),
    )


def planned_ends(operation: Operation, *, after: int, limit: int, today: date) -> list[Ends]:
    """What so many good rows beyond row `after` come to now, as the check found them; five queries or so."""
    asked = list(_asked_of(operation, Span(operation, after + 1, LAST_ROW), most=limit))
    return Desk(setup_of(operation.organization_id, today=today)).answer_all(asked) if asked else []


LAST_ROW = 2**31 - 1

ASKED = """
SELECT row_no, data FROM bulk_item
WHERE operation_id = %s AND state IN ('ok', 'warned') AND row_no BETWEEN %s AND %s
ORDER BY row_no LIMIT %s
"""


def _asked_of(operation: Operation, span: Span | None = None, *, most: int | None = None) -> Iterator[Asked]:
    """The requests of the good rows, in their order, read a slice at a time."""
    first, last = (span.first, span.last) if span else (0, LAST_ROW)
    with connection.chunked_cursor() as cursor:
        cursor.execute(ASKED, [operation.pk, first, last, most])
        while rows := cursor.fetchmany(SLICE):
            for row_no, data in rows:
                yield asked_of(row_no, json.loads(data))


def _watched(operation: Operation, ids: set[int]) -> set[int]:
    """Those of the producers whose appointments may still be ended."""
    producers = producers_for(operation.organization_id, starter_of(operation))
    watched = producers.filter(id__in=ids, is_watched=True)
    return set(watched.values_list("id", flat=True))


TELL = """
UPDATE bulk_item AS item
SET state = told.state, outcome = told.outcome, target_id = told.target, result = told.result
FROM jsonb_to_recordset(%s::jsonb) AS told (row_no int, state text, outcome text, target bigint, result jsonb)
WHERE item.operation_id = %s AND item.row_no = told.row_no
"""


def _tell_items(operation: Operation, asked: Sequence[Asked], became: Mapping[int, Written]) -> None:
    rows: list[dict[str, Any]] = []
    failed = []
    for one in asked:
        written = became.get(one.row_no)
        told: dict[str, Any] = {"row_no": one.row_no}
        if written is None:
            failed.append(one.row_no)
            told |= {"state": ItemState.FAILED_FINAL.value, "outcome": Outcome.REJECTED.value}
        else:
            outcome = Outcome.CREATED if written.made else Outcome.UNCHANGED
            told |= {"state": ItemState.APPLIED.value, "outcome": outcome.value}
            told |= {"target": one.producer_id, "result": written.told}
        rows.append(told)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(TELL, [as_json(rows), operation.pk])
    add_findings(operation.pk, [finding("TERM-E009", row=row_no) for row_no in failed])
