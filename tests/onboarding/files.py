"""Files of producers in tests: what they say, and what is done with them, here and now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.utils import timezone

from muster.access.models import Membership
from muster.bulk.models import Operation, OperationState
from muster.bulk.operations import GOES_ON, start_upload
from muster.bulk.runner import run
from muster.imports.producer import ProducerUpload
from muster.notices.completion import TOLD_ON_PAGE
from muster.onboarding.many import Payment, start_onboarding
from muster.onboarding.models import Draft
from muster.onboarding.tasks import retrieve_now
from tests.onboarding.starting import make_draft, person

HEADER = ("Last Name", "NPN", "Email", "SSN", "Gender")
FIRST_NPN = 1_000_011
AS_USUAL = Payment("agency", "producer", True)


def row(number: int = 0, **over: str) -> dict[str, str]:
    """A row that is as the sandbox registry has it."""
    npn = str(FIRST_NPN + number)
    who = person(npn)
    usual = {
        "Last Name": who.last_name,
        "NPN": npn,
        "Email": f"p{npn}@harbor.example",
        "SSN": who.ssn,
        "Gender": "female",
    }
    return usual | {name.replace("_", " "): value for name, value in over.items()}


def as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    lines = [",".join(HEADER), *(",".join(one[name] for name in HEADER) for one in rows)]
    return ("\n".join(lines) + "\n").encode()


def upload(by: Membership, rows: Sequence[Mapping[str, str]], *, looks_up: bool = True) -> Operation:
    """Take in a file as the page does, make its drafts, and look its producers up."""
    operation = start_upload(
        operation_id=uuid4(),
        member=by,
        kind=ProducerUpload(),
        source_name="producers.csv",
        content=[as_csv(rows)],
        now=timezone.now(),
        params={GOES_ON: True, TOLD_ON_PAGE: True},
        defer=False,
    )
    run(operation.pk)
    if looks_up:
        retrieve_now()
    operation.refresh_from_db()
    return operation


def onboard_all(by: Membership, file: Operation, **over: Any) -> Operation:
    """Onboard all who are ready, with payment."""
    begun = start_onboarding(
        by=by,
        upload=file,
        now=timezone.now(),
        defer=False,
        **{"operation_id": uuid4(), "payment": AS_USUAL, **over},
    )
    run(begun.pk)
    begun.refresh_from_db()
    return begun


def make_file_of_one(by: Membership, **over: Any) -> Draft:
    """The one row of a file that is read and looked up, without a registry."""
    operation = Operation.objects.create(
        pk=uuid4(),
        organization_id=by.organization_id,
        by=by.user,
        kind=ProducerUpload.name,
        state=OperationState.DONE,
        source_name="producers.csv",
        rows=1,
        header=list(HEADER),
        started_at=timezone.now(),
        params={GOES_ON: True, TOLD_ON_PAGE: True},
    )
    nothing_chosen = {"new_paid_by": "", "renewal_paid_by": "", "choices": {}}
    return make_draft(by, operation=operation, row_no=2, **nothing_chosen | over)


def drafts_of(file: Operation) -> list[Draft]:
    """The rows of the file as they stand."""
    return list(Draft.objects.filter(operation=file).order_by("row_no"))


def why_of(draft: Draft) -> str:
    """The code of what is wrong with a row first of all."""
    return str(draft.why["code"]) if draft.why else ""
