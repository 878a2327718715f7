"""Removing producers in tests, through the real kernel."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from muster.access.models import Membership
from muster.bulk.kinds import kind_named
from muster.bulk.models import Operation, OperationState, Policy
from muster.bulk.operations import process, start_selection
from muster.history.context import changing
from muster.history.models import Source
from muster.offboarding.operations import reopen
from muster.offboarding.removing import AT_ONCE, ENDED, WHEN
from muster.producers.models import Producer
from tests.transactions.acting import finish


def choose(member: Membership, *producers: Producer, kind: str = "remove-producers") -> Operation:
    """Have these checked, as a list would."""
    operation = start_selection(
        operation_id=uuid4(),
        member=member,
        kind=kind_named(kind),
        selection=Producer.objects.filter(pk__in=[one.pk for one in producers]).order_by("pk"),
        now=timezone.now(),
        defer=False,
    )
    return finish(operation)


def confirm(operation: Operation, member: Membership, *, when: str = AT_ONCE) -> Operation:
    """Do what was checked."""
    assert operation.state == OperationState.READY
    process(
        operation=operation,
        member=member,
        policy=Policy.GOOD_ROWS,
        now=timezone.now(),
        params={WHEN: when},
        defer=False,
    )
    return finish(operation)


def remove(member: Membership, *producers: Producer, when: str = AT_ONCE) -> Operation:
    """Remove these, as the list does."""
    return confirm(choose(member, *producers), member, when=when)


def remove_when_ended(member: Membership, *producers: Producer) -> Operation:
    """Have these removed once their terminations are accepted."""
    return remove(member, *producers, when=ENDED)


def add_again(member: Membership, *producers: Producer) -> set[int]:
    """Take these up again, as all ways of adding do."""
    with transaction.atomic(), changing(source=Source.PERSON, by_id=member.user_id):
        return reopen(
            organization_id=member.organization_id,
            producer_ids=[one.pk for one in producers],
            by_id=member.user_id,
            operation_id=None,
            now=timezone.now(),
        )


def fresh(producer: Producer) -> Any:
    """The producer, as it is now."""
    return Producer.objects.get(pk=producer.pk)
