"""An organization that appoints in California, producers with licenses there, and requests for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from django.utils import timezone

from muster.access.models import Membership
from muster.bulk.models import Operation
from muster.bulk.runner import run
from muster.carriers.models import Company
from muster.imports.requesting import AppointmentRequest, request_appointments
from muster.producers.models import Producer
from muster.transactions.models import Transaction
from tests.make import (
    make_business_rule,
    make_company,
    make_company_state,
    make_license,
    make_line,
    make_member,
    make_producer,
)

SENTENCE = "Accident & Health or Sickness (including Disability)"
CALIFORNIA = (
    ("9101", "Life", ["life"]),
    ("9155", SENTENCE, ["health"]),
    ("9156", "Health and Sickness (excluding Disability)", ["health"]),
    ("9157", "Part-Time Fraternal", ["life", "fraternal"]),
)
CLASS = {"class_code": "9001", "class_name": "Insurance Producer"}


def make_carrier_desk(**over: Any) -> tuple[Membership, Company]:
    """An Agency Admin, unless told otherwise, of an organization that sells California's four lines."""
    member = make_member(**over)
    for code, name, categories in CALIFORNIA:
        make_business_rule(
            member.organization, "CA", line_code=code, line_name=name, categories=categories, **CLASS
        )
    company = make_company(member.organization)
    make_company_state(company, "CA")
    return member, company


def make_synced(member: Membership, **over: Any) -> Producer:
    """A producer who was synced well."""
    return make_producer(
        member.organization, **{"sync_status": "success", "synced_at": timezone.now(), **over}
    )


def make_californian(member: Membership, lines: Sequence[int] = (0, 1, 2, 3), **over: Any) -> Producer:
    """A producer with a resident license in California that holds these of its four lines."""
    producer = make_synced(member)
    license = make_license(producer, "CA", **{**CLASS, **over})
    for place in lines:
        code, name, _ = CALIFORNIA[place]
        make_line(license, name, code=code)
    return producer


def request_for(producer: Producer, **over: Any) -> AppointmentRequest:
    """A request for life and health in California, unless told otherwise."""
    return AppointmentRequest(
        **{
            "npn": producer.npn,
            "states": ["CA"],
            "cocodes": ["90101"],
            "categories": ["life", "health"],
            **over,
        }
    )


def ask(member: Membership, *requests: AppointmentRequest) -> Operation:
    """Request appointments, and see it through."""
    operation = request_appointments(
        by=member, requests=requests, operation_id=uuid4(), now=timezone.now(), defer=False
    )
    run(operation.pk)
    operation.refresh_from_db()
    return operation


def told(producer: Producer) -> list[tuple[str, str, str]]:
    """Line, status and reason of each of the producer's transactions, in their order."""
    rows = Transaction.objects.filter(producer=producer).order_by("number")
    return list(rows.values_list("line_name", "status", "reason"))


LONG_AGO = date(2020, 1, 1)
