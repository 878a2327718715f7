"""Inviting producers to portals in tests, through the real kernel; and the mails that come of it."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from django.utils import timezone

from muster.access.models import Membership, Organization
from muster.bulk.kinds import kind_named
from muster.bulk.models import Operation, OperationState, Policy
from muster.bulk.operations import process, start_selection
from muster.notices.models import Email
from muster.portals.inviting import PORTAL
from muster.portals.models import Portal
from muster.producers.models import Producer
from muster.vault import unseal
from tests.make import make_agency, make_producer
from tests.transactions.acting import finish

LINK = re.compile(r"https?://[^/\s]+(/portal/register/\S+/)\s")


def make_portal(organization: Organization, **over: Any) -> Portal:
    return Portal.objects.create(organization=organization, **{"name": "Agents", "seats": 10, **over})


def make_contact(organization: Organization, email: str, **over: Any) -> Producer:
    """A producer who can be invited."""
    agency = over.pop("agency", None) or make_agency(organization)
    return make_producer(organization, email=email, agency=agency, **over)


def choose(member: Membership, *producers: Producer, portal: Portal | None = None) -> Operation:
    """Have these checked, as a list would."""
    operation = start_selection(
        operation_id=uuid4(),
        member=member,
        kind=kind_named("portal-users"),
        selection=Producer.objects.filter(pk__in=[one.pk for one in producers]).order_by("pk"),
        now=timezone.now(),
        params={PORTAL: str(portal.pk)} if portal else None,
        defer=False,
    )
    return finish(operation)


def confirm(operation: Operation, member: Membership) -> Operation:
    """Press OK."""
    assert operation.state == OperationState.READY
    process(
        operation=operation,
        member=member,
        policy=Policy.GOOD_ROWS,
        now=timezone.now(),
        params={},
        defer=False,
    )
    return finish(operation)


def invite(member: Membership, *producers: Producer, portal: Portal | None = None) -> Operation:
    """Invite these, as the list does."""
    return confirm(choose(member, *producers, portal=portal), member)


def path_in(text: str) -> str:
    """The path of the link of an invitation."""
    found = LINK.search(text)
    assert found, text
    return found.group(1)


def paths_for(producer: Producer) -> list[str]:
    """The links that wait in the outbox for a producer, the oldest first."""
    mails = Email.objects.filter(kind="portal-invitation", to=producer.email).order_by("id")
    return [path_in(unseal(one.text)) for one in mails]
