"""Acting on transactions and batches in tests, through the real kernel; and an organization that may file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from django.utils import timezone

from muster.access.models import Membership, Organization
from muster.bulk.kinds import kind_named
from muster.bulk.models import Finding, Operation, OperationState, Policy
from muster.bulk.operations import process, start_selection
from muster.bulk.runner import run
from muster.carriers.models import FilingSettings
from muster.producers.models import Producer
from muster.transactions.models import Batch, Transaction
from tests.make import (
    make_business_rule,
    make_company,
    make_company_state,
    make_license,
    make_line,
    make_producer,
    make_transaction,
)


def demand(organization: Organization, **over: Any) -> FilingSettings:
    """What an organization demands of its filings."""
    settings, _ = FilingSettings.objects.update_or_create(organization=organization, defaults=over)
    return settings


def start(member: Membership, kind: str, things: Iterable[Transaction | Batch]) -> Operation:
    """Select these and have them checked."""
    chosen = list(things)
    model = type(chosen[0]) if chosen else Transaction
    operation = start_selection(
        operation_id=uuid4(),
        member=member,
        kind=kind_named(kind),
        selection=model.objects.filter(pk__in=[one.pk for one in chosen]).order_by("pk"),
        now=timezone.now(),
        defer=False,
    )
    return finish(operation)


def finish(operation: Operation) -> Operation:
    """Do what a worker would."""
    run(operation.pk)
    operation.refresh_from_db()
    return operation


def act(
    member: Membership,
    kind: str,
    things: Iterable[Transaction | Batch],
    *,
    reason: str = "",
    meanwhile: Callable[[], object] = lambda: None,
) -> Operation:
    """Select these, have them checked, and do it; `meanwhile` is what happens between the two."""
    operation = start(member, kind, things)
    assert operation.state == OperationState.READY
    meanwhile()
    process(
        operation=operation,
        member=member,
        policy=Policy.GOOD_ROWS,
        now=timezone.now(),
        params={"reason": reason} if reason else None,
        defer=False,
    )
    return finish(operation)


def refusals(operation: Operation) -> dict[int, str]:
    """What was refused or told of each item, by its number; but that an end names no reason."""
    told = Finding.objects.filter(operation=operation).exclude(code="TERM-W005")
    return dict(told.order_by("row_no").values_list("row_no", "code"))


def fresh(thing: Transaction) -> Transaction:
    """It, as it is now."""
    return Transaction.objects.get(pk=thing.pk)


def make_fileable(organization: Organization, line_name: str = "Life", **over: Any) -> Transaction:
    """A transaction that is good when it is judged: company, state, rule, license and line are there."""
    company = organization.companies.first() or make_company(organization)
    if not company.states.filter(state="CA").exists():
        make_company_state(company, "CA")
    if not organization.business_rules.filter(line_name=line_name).exists():
        make_business_rule(organization, "CA", line_name=line_name, categories=["life"])
    producer: Producer = over.pop("producer", None) or make_producer(organization)
    license = producer.licenses.first() or make_license(producer, "CA", number="0A1")
    if not license.lines.filter(name=line_name).exists():
        make_line(license, line_name)
    return make_transaction(
        producer,
        "CA",
        **{"line_code": "", "line_name": line_name, "license_number": license.number, **over},
    )
