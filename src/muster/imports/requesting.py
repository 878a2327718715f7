"""Requesting appointments without a file: the door for pages, the terminal and programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.kinds import Row
from muster.bulk.models import Operation
from muster.bulk.operations import GOES_ON, start_rows
from muster.core.appointing import Answer, Forecast, Tally, held_back
from muster.core.findings import Finding, Severity, finding
from muster.imports.appoint import AppointUpload, asked_of, desk_for
from muster.imports.appoint_columns import COLUMNS
from muster.imports.appoint_judge import AppointJudge
from muster.producers.queries import producers_for
from muster.transactions.answering import answers_to, in_slices
from muster.transactions.holding_back import hold_back
from muster.transactions.terms import Setup, setup_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentRequest:
    """One request, as texts: everything is cleaned as the cells of a file are.

    Categories are accepted values or lines of authority; `left_out` are lines that are not wanted.
    """

    npn: str
    states: Sequence[str]
    cocodes: Sequence[str]
    categories: Sequence[str]
    agent_type: str = ""
    submit: bool = False
    submit_just_in_time: bool = False
    county: str = ""
    appointment_type: str = ""
    effective_on: str = ""
    partner: str = ""
    source: str = ""
    left_out: Sequence[str] = ()

    @property
    def cells(self) -> dict[str, str]:
        """The cells of the row that it stands for, by column key."""
        told = {column.key: getattr(self, column.key) for column in COLUMNS}
        return {key: _cell(value) for key, value in told.items()}


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return value if isinstance(value, str) else ";".join(value)  # type: ignore[arg-type]


def request_appointments(
    *,
    by: Membership,
    requests: Iterable[AppointmentRequest],
    operation_id: UUID,
    now: datetime,
    params: Mapping[str, object] | None = None,
    goes_on: bool = True,
    defer: bool = True,
) -> Operation:
    """Request appointments: one operation, whose rows are the requests.

    Once checked it is processed by itself, or waits for a person on its check page if it is not to go on. The
    same `operation_id` twice starts one operation. `defer=False` leaves the running to the caller
    (`muster.bulk.runner.run`). Raises PermissionDenied, and NotThisOne for an id of somebody else's.
    """
    if not by.may(Permission.PREPARE_FILINGS):
        raise PermissionDenied
    return start_rows(
        operation_id=operation_id,
        member=by,
        kind=AppointUpload(),
        rows=[request.cells for request in requests],
        now=now,
        params={GOES_ON: goes_on, **(params or {})},
        defer=defer,
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """What requests would come to now: an answer a state and company, what is wrong, and the sum."""

    answers: list[Answer]
    findings: list[Finding]
    forecast: Forecast
    rejected: frozenset[int] = field(default_factory=frozenset)


def preview_appointments(
    *, by: Membership, requests: Sequence[AppointmentRequest], today: date, setup: Setup | None = None
) -> Preview:
    """Answer requests without writing anything; what is written later is the same, if nothing changes.

    `setup` is what the caller has read of the organization already. Raises PermissionDenied.
    """
    if not by.may(Permission.READ):
        raise PermissionDenied
    setup = setup or setup_of(by.organization_id, today=today)
    rows = []
    for row_no, request in enumerate(requests, 1):
        data, findings = COLUMNS.clean_row(request.cells, row=row_no)
        rows.append(Row(row_no, [], dict(data), findings))
    AppointJudge(setup, producers_for(by.organization_id, by)).judge(rows)
    rejected = frozenset(
        row.row_no for row in rows if any(found.severity is Severity.ERROR for found in row.findings)
    )
    asked = [
        asked_of(row.row_no, row.data["producer_id"], row.data) for row in rows if row.row_no not in rejected
    ]
    asked.sort(key=lambda one: (one.producer_id, one.row_no))
    desk = desk_for(by, setup)
    answers = [answer for some in in_slices(asked) for answer in answers_to(desk, some)]
    tally = Tally()
    for answer in answers:
        tally.add(answer)
    findings = [found for row in rows for found in row.findings]
    held = hold_back(setup, tally.forecast)
    if held.why:
        findings.append(finding("APP-W002", count=held.filings, why=held.why))
    if held.is_all:
        answers = [held_back(answer) for answer in answers]
    return Preview(answers, findings, held.forecast, rejected)
