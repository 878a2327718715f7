"""Makers of uploads: files as people send them, taken through the real kernel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.utils import timezone

from muster.access.models import Membership, Organization
from muster.bulk.kinds import upload_kind_named
from muster.bulk.models import Operation, OperationState, Policy
from muster.bulk.operations import process, start_upload
from muster.bulk.runner import run
from muster.producers.models import Agency
from tests.make import make_agency, make_member

HEADER = "Agency NPN,First Name,Last Name,Agent NPN,Agent SSN,LOA Category,States,Scorecard Type,Agent Type"
AGENCY_NPN = "8123456"


def row(
    npn: object, *, agency: str = AGENCY_NPN, ssn: str = "", states: str = "TX", first: str = "Ada"
) -> str:
    """One line of an Agent file."""
    return f"{agency},{first},Alder,{npn},{ssn},life,{states},license,producer"


def agent_file(lines: Iterable[str]) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


def agency_on_file(organization: Organization) -> Agency:
    found = Agency.objects.filter(organization=organization, npn=AGENCY_NPN).first()
    return found or make_agency(organization, npn=AGENCY_NPN, name="Cedar Agency")


def make_upload(
    member: Membership | None = None,
    lines: Iterable[str] = (row(1001),),
    *,
    content: str | bytes | None = None,
    run_it: bool = True,
    **over: Any,
) -> Operation:
    """An upload of these lines, checked unless `run_it` is off."""
    member = member or make_member()
    agency_on_file(member.organization)
    text = agent_file(lines) if content is None else content
    operation = start_upload(
        operation_id=over.pop("operation_id", uuid4()),
        member=member,
        kind=upload_kind_named("agent"),
        source_name=over.pop("source_name", "onboarding.csv"),
        content=[text.encode() if isinstance(text, str) else text],
        now=timezone.now(),
        defer=False,
    )
    if run_it:
        finish(operation)
    return operation


def finish(operation: Operation) -> Operation:
    """Do what a worker would."""
    run(operation.pk)
    operation.refresh_from_db()
    return operation


def make_processed(
    member: Membership | None = None, lines: Iterable[str] = (row(1001),), **over: Any
) -> Operation:
    """An upload that was checked and processed, good rows only."""
    member = member or make_member()
    operation = make_upload(member, lines, **over)
    assert operation.state == OperationState.READY
    process(operation=operation, member=member, policy=Policy.GOOD_ROWS, now=timezone.now(), defer=False)
    return finish(operation)
