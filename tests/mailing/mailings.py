"""Mailings in tests, through the real kernel."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone

from muster.access.models import Membership
from muster.bulk.kinds import kind_named
from muster.bulk.models import Finding, Operation
from muster.bulk.operations import check_anew, start_selection
from muster.mailing.sending import BODY, SUBJECT
from muster.notices.completion import TOLD_ON_PAGE
from muster.producers.models import Producer
from tests.offboarding.removals import confirm
from tests.transactions.acting import finish

TEXT = {SUBJECT: "News for {{ first_name }}", BODY: "Dear {{ first_name }},\n\nyou are with {{ agency }}."}


def choose(member: Membership, *producers: Producer) -> Operation:
    """Have these chosen, as a list would; nothing is written yet."""
    operation = start_selection(
        operation_id=uuid4(),
        member=member,
        kind=kind_named("send-email"),
        selection=Producer.objects.filter(pk__in=[one.pk for one in producers]).order_by("pk"),
        now=timezone.now(),
        params={TOLD_ON_PAGE: True},
        defer=False,
    )
    return finish(operation)


def write(operation: Operation, member: Membership, **text: str) -> Operation:
    """Write the mail."""
    check_anew(operation=operation, member=member, params=TEXT | text, now=timezone.now(), defer=False)
    return finish(operation)


def send(member: Membership, *producers: Producer, **text: str) -> Operation:
    """Put a mailing to these into the outbox."""
    return confirm(write(choose(member, *producers), member, **text), member)


def findings_of(operation: Operation) -> list[tuple[int | None, str, str | None]]:
    """What was found: row, code and field."""
    found = Finding.objects.filter(operation=operation).order_by("row_no", "code", "field")
    return list(found.values_list("row_no", "code", "field"))
