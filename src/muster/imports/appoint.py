"""Upload type Appoint: requests for appointments, from a file, a page, the terminal or a program alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django.db import connection
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.kinds import Judge, Span, UploadKind
from muster.bulk.models import Finding, Item, ItemState, Operation, Outcome
from muster.bulk.operations import MENDED_BY
from muster.bulk.queries import starter_of
from muster.bulk.repeats import skip_duplicates
from muster.bulk.states import GOOD
from muster.bulk.store import add_findings, as_json
from muster.carriers.models import Company
from muster.core.appointing import Asked, Desk
from muster.core.columns import Columns
from muster.core.findings import finding
from muster.core.words import AGENT_TYPES, LOA_CATEGORIES, states
from muster.imports.appoint_columns import APPOINTMENT_TYPES, COLUMNS
from muster.imports.appoint_judge import AppointJudge, Standing
from muster.producers.queries import producers_for
from muster.transactions.answering import answers_to, desk_of, in_slices, tally_of
from muster.transactions.facts import lock_producers
from muster.transactions.holding_back import TOGETHER_TOO_MUCH, budget_of, hold_back
from muster.transactions.queue import defer_filing
from muster.transactions.terms import Setup, setup_of
from muster.transactions.writing import Written, say_result, write_answers

PAGE = 5_000
"""So many requests are read at a time."""


class AppointUpload(UploadKind):
    """Requests for appointments: each fans out to transactions, judged one by one."""

    name = "appoint"
    label = "Appoint"
    permission = Permission.PREPARE_FILINGS
    one = "request"
    many = "requests"
    made = "Requested"
    outcomes = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.REJECTED)
    chunk = 1_000
    summary = "Request appointments: for producers, states, companies and categories, with a verdict a line."
    steps: ClassVar[Sequence[str]] = (
        "Fill in one row a producer: NPN, states, CoCodes, LOA categories; several of each with semicolons.",
        "Fill in County for Florida, and SC Appointment Type for South Carolina.",
        "Upload it here as XLSX or CSV. The check page shows what would be filed, what not, and the fees.",
    )

    def columns(self, organization_id: int) -> Columns:
        return COLUMNS

    def accepted_values(self, organization_id: int) -> Mapping[str, Sequence[tuple[str, str]]]:
        companies = Company.objects.filter(organization_id=organization_id).order_by("name", "id")
        return {
            COLUMNS["states"].header: list(states().items()),
            COLUMNS["cocodes"].header: list(companies.values_list("cocode", "name")),
            COLUMNS["categories"].header: list(LOA_CATEGORIES.items()),
            COLUMNS["appointment_type"].header: list(APPOINTMENT_TYPES.items()),
            COLUMNS["agent_type"].header: list(AGENT_TYPES.items()),
            COLUMNS["submit"].header: [("yes", "Goes to the registry"), ("no", "Waits for release")],
        }

    def examples(self, organization_id: int) -> Sequence[Mapping[str, str]]:
        one = {"npn": "3000001", "states": "CA", "cocodes": "90101", "categories": "life;health"}
        other = {
            "npn": "3000002",
            "states": "FL;SC",
            "cocodes": "90101;90103",
            "categories": "health",
            "county": "Orange",
            "appointment_type": "general",
        }
        return one, other

    def judge(self, operation: Operation) -> Judge:
        setup = setup_of(operation.organization_id, today=timezone.localdate())
        return AppointJudge(setup, producers_for(operation.organization_id, starter_of(operation)))

    def judge_together(self, operation: Operation) -> None:
        skip_duplicates(operation)

    def preview(self, operation: Operation) -> dict[str, int]:
        setup = setup_of(operation.organization_id, today=timezone.localdate())
        member = starter_of(operation)
        tally = tally_of(desk_for(member, setup), _asked_of(operation))
        held = hold_back(setup, tally.forecast)
        Finding.objects.filter(operation=operation, code="APP-W002").delete()
        if held.why:
            add_findings(operation.pk, [finding("APP-W002", count=held.filings, why=held.why)])
        operation.source_facts |= {
            "forecast": held.forecast._asdict(),
            "held_back": held.why,
            "releases": not held.is_all,
        }
        operation.save(update_fields=["source_facts"])
        good = Item.objects.filter(operation=operation, state__in=GOOD).count()
        return {Outcome.CREATED.value: tally.requests, Outcome.UNCHANGED.value: good - tally.requests}

    def apply(self, span: Span) -> None:
        operation, now = span.operation, timezone.now()
        setup = setup_of(operation.organization_id, today=timezone.localdate(now))
        releases = operation.source_facts.get("releases", False) and not setup.settings.two_person_release
        desk = desk_for(starter_of(operation), setup, may_release=releases)
        became: dict[int, Written] = {}
        asked = list(_asked_of(operation, span))
        # All at once and first of all: whoever waits for one of them while we hold another waits for us.
        lock_producers(sorted({one.producer_id for one in asked}))
        lost = _lost(operation, asked)
        budget = budget_of(operation, setup)
        for some in in_slices(one for one in asked if one.producer_id not in lost):
            became |= write_answers(
                answers_to(desk, some),
                desk=desk,
                organization_id=operation.organization_id,
                operation_id=operation.pk,
                by_id=operation.by_id,
                now=now,
                budget=budget,
                mended_by=operation.params.get(MENDED_BY),
            )
        if budget.refused:
            held = finding("APP-W002", count=budget.refused, why=TOGETHER_TOO_MUCH)
            add_findings(operation.pk, [held])
        _tell_items(operation, asked, became, lost)
        if any(one.released for one in became.values()):
            defer_filing()

    def say(self, result: Mapping[str, Any]) -> str:
        return say_result(result)


def desk_for(member: Membership | None, setup: Setup, *, may_release: bool = True) -> Desk:
    """The desk at which the member's requests are answered."""
    may_ask = member is not None and member.may(Permission.RELEASE_FILINGS)
    return desk_of(setup, may_release=may_release, may_release_asked=may_ask)


ASKED = """
SELECT row_no, (data ->> 'producer_id')::bigint, data FROM bulk_item
WHERE operation_id = %s AND state IN ('ok', 'warned') AND row_no BETWEEN %s AND %s
ORDER BY 2, 1
"""


def _asked_of(operation: Operation, span: Span | None = None) -> Iterator[Asked]:
    """The requests of the good rows, in the order of producers; sorted once, and read a page at a time."""
    first, last = (span.first, span.last) if span else (0, 2**31 - 1)
    with connection.chunked_cursor() as cursor:
        cursor.execute(ASKED, [operation.pk, first, last])
        while rows := cursor.fetchmany(PAGE):
            for row_no, producer_id, data in rows:
                yield asked_of(row_no, producer_id, json.loads(data))


def asked_of(row_no: int, producer_id: int, data: Mapping[str, Any]) -> Asked:
    """The request that a cleaned row makes."""
    return Asked(
        row_no=row_no,
        producer_id=producer_id,
        states=tuple(data["states"]),
        cocodes=tuple(data["cocodes"]),
        categories=tuple(data["categories"]),
        agent_type=data.get("agent_type", "producer"),
        submit=bool(data.get("submit")),
        submit_just_in_time=bool(data.get("submit_just_in_time")),
        county=data.get("county", ""),
        appointment_type=data.get("appointment_type", ""),
        effective_on=date.fromisoformat(data["effective_on"]) if data.get("effective_on") else None,
        left_out=tuple(data.get("left_out", ())),
    )


def _lost(operation: Operation, asked: Sequence[Asked]) -> set[int]:
    """The producers for whom nothing may be requested any more."""
    ids = {one.producer_id for one in asked}
    producers = producers_for(operation.organization_id, starter_of(operation)).filter(id__in=ids)
    fine = {
        producer_id
        for _, producer_id, *standing in producers.values_list(*Standing.FIELDS)
        if not Standing.fault(*standing)
    }
    return ids - fine


TELL = """
UPDATE bulk_item AS item
SET state = told.state, outcome = told.outcome, target_id = told.target, result = told.result::jsonb
FROM unnest(%s::int[], %s::text[], %s::text[], %s::bigint[], %s::text[])
     AS told (row_no, state, outcome, target, result)
WHERE item.operation_id = %s AND item.row_no = told.row_no
"""


def _tell_items(
    operation: Operation, asked: Sequence[Asked], became: Mapping[int, Written], lost: set[int]
) -> None:
    rows: list[tuple[int, str, str, int | None, str | None]] = []
    for one in asked:
        written = became.get(one.row_no)
        if one.producer_id in lost or written is None:
            rows.append((one.row_no, ItemState.FAILED_FINAL.value, Outcome.REJECTED.value, None, None))
            continue
        outcome = (
            Outcome.CREATED if written.made else Outcome.UPDATED if written.let_go else Outcome.UNCHANGED
        )
        told = as_json(written.told)
        rows.append((one.row_no, ItemState.APPLIED.value, outcome.value, one.producer_id, told))
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(TELL, [*map(list, zip(*rows, strict=True)), operation.pk])
    failed = [row_no for row_no, state, *_ in rows if state == ItemState.FAILED_FINAL]
    add_findings(operation.pk, [finding("APP-E008", row=row_no) for row_no in failed])
