"""Uploading in tests: a file of text becomes a checked, and if asked for a processed, operation."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from django.utils import timezone

from muster.access.models import Membership
from muster.assignments.models import Assignment
from muster.bulk.kinds import upload_kind_named
from muster.bulk.models import Finding, Item, Operation, Policy
from muster.bulk.operations import process, start_upload
from muster.bulk.results import result_rows
from muster.bulk.runner import run
from muster.carriers.models import Company
from muster.producers.models import Producer
from tests.make import make_agency, make_member

HEADER = [
    "Agency NPN",
    "First Name",
    "Last Name",
    "Agent NPN",
    "Agent Email",
    "Agent SSN",
    "LOA Category",
    "States",
    "Scorecard Type",
    "Agent Type",
    "CoCode",
]
AGENCY = "8200001"
COCODE = "90101"


def make_desk(**over: Any) -> Membership:
    """An admin of an organization with one agency and one company."""
    member = make_member(can_see_ssn=True, **over)
    make_agency(member.organization, npn=AGENCY)
    Company.objects.create(organization=member.organization, name="Northstar Life", cocode=COCODE)
    return member


def row(**over: str) -> dict[str, str]:
    """One good row, without an assignment."""
    told = {"Agency NPN": AGENCY, "First Name": "Ada", "Last Name": "Alder", "Agent NPN": "3000001"}
    return told | {name.replace("_", " "): text for name, text in over.items()}


def assigned(**over: str) -> dict[str, str]:
    """One good row with an assignment."""
    told = {
        "LOA Category": "life;health",
        "States": "CA;TX",
        "Scorecard Type": "license_and_appointment",
        "Agent Type": "producer",
        "CoCode": COCODE,
    }
    return row(**over) | told | {name.replace("_", " "): text for name, text in over.items()}


def as_csv(rows: Iterable[dict[str, str]], header: Sequence[str] = HEADER) -> bytes:
    """The rows as a file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def check_file(
    member: Membership, content: bytes, name: str = "class.csv", *, kind: str = "agent"
) -> Operation:
    """Upload and check."""
    operation = start_upload(
        operation_id=uuid4(),
        member=member,
        kind=upload_kind_named(kind),
        source_name=name,
        content=[content],
        now=timezone.now(),
        defer=False,
    )
    run(operation.pk)
    operation.refresh_from_db()
    return operation


def process_checked(operation: Operation, member: Membership, policy: Policy = Policy.GOOD_ROWS) -> Operation:
    """Process what was checked."""
    process(operation=operation, member=member, policy=policy, now=timezone.now(), defer=False)
    run(operation.pk)
    operation.refresh_from_db()
    return operation


def import_file(
    member: Membership, content: bytes, policy: Policy = Policy.GOOD_ROWS, name: str = "class.csv"
) -> Operation:
    """Upload, check, process."""
    return process_checked(check_file(member, content, name), member, policy)


def codes(operation: Operation) -> list[tuple[int | None, str]]:
    """(row, code) of every finding."""
    found = Finding.objects.filter(operation=operation).values_list("row_no", "code")
    return sorted(found, key=lambda pair: (pair[0] or 0, pair[1]))


def outcomes(operation: Operation) -> dict[int, str | None]:
    """Row number -> outcome."""
    return dict(Item.objects.filter(operation=operation).values_list("row_no", "outcome"))


def stored(member: Membership) -> tuple[list[Any], list[Any]]:
    """What the organization holds, without ids and times."""
    producers = Producer.objects.filter(organization=member.organization).order_by("npn")
    assignments = Assignment.objects.filter(organization=member.organization).order_by(
        "producer__npn", "identity"
    )
    return (
        list(
            producers.values_list(
                "npn",
                "agency__npn",
                "first_name",
                "last_name",
                "email",
                "ssn_last4",
                "ssn_index",
                "sync_status",
            )
        ),
        list(
            assignments.values_list(
                "producer__npn", "categories", "states", "cocodes", "scorecard_type", "agent_type"
            )
        ),
    )


def results_file(operation: Operation, **options: Any) -> bytes:
    """The results file."""
    text = io.StringIO()
    csv.writer(text).writerows(result_rows(operation, may_see_sealed=True, **options))
    return text.getvalue().encode()
