"""An invitation whose worker is killed, any number of times: each seat and each mail is there once."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from uuid import uuid4

import pytest
from django.utils import timezone

from muster.access.models import Membership
from muster.access.tokens import digest_of
from muster.audit.models import Event
from muster.bulk.kinds import kind_named
from muster.bulk.models import OperationState, Policy
from muster.bulk.operations import process, start_selection
from muster.notices.models import Email
from muster.portals.models import PortalUser
from muster.producers.models import Producer
from muster.vault import unseal
from tests.crash.test_removing_crash import state_of, work_until
from tests.make import make_agency, make_member
from tests.portals.inviting import make_portal, path_in
from tests.workers import Nursery, nursery

pytestmark = pytest.mark.django_db(transaction=True)

PRODUCERS, SEATS = 1_700, 1_600


@pytest.fixture
def workers() -> Iterator[Nursery]:
    # Mails stay in the outbox: nobody works off the queue of deliveries.
    with nursery("bulk") as opened:
        yield opened


@pytest.fixture
def member() -> Membership:
    """Somebody with producers to invite, more than there are seats."""
    made = make_member()
    agency = make_agency(made.organization)
    make_portal(made.organization, seats=SEATS)
    Producer.objects.bulk_create(
        Producer(
            organization=made.organization,
            agency=agency,
            npn=str(3_000_000 + number),
            email=f"p{number}@example.com",
        )
        for number in range(PRODUCERS)
    )
    return made


def invited() -> int:
    return PortalUser.objects.count()


def assert_each_seat_has_its_mail() -> None:
    digests = dict(PortalUser.objects.values_list("email", "digest"))
    mails = list(Email.objects.filter(kind="portal-invitation"))
    assert len(mails) == len(digests)
    for one in mails:
        assert digest_of(path_in(unseal(one.text)).split("/")[-2]) == digests[one.to]
    assert sum(one.data["invited"] for one in Event.objects.filter(kind="portal:invite")) == len(mails)


def test_an_invitation_that_is_killed_again_and_again_invites_each_once(
    workers: Nursery, member: Membership
) -> None:
    operation = start_selection(
        operation_id=uuid4(),
        member=member,
        kind=kind_named("portal-users"),
        selection=Producer.objects.filter(organization=member.organization).order_by("pk"),
        now=timezone.now(),
    )
    work_until(workers, lambda: state_of(operation) == OperationState.READY)
    process(operation=operation, member=member, policy=Policy.GOOD_ROWS, now=timezone.now())
    random = Random(7)
    for _ in range(2):
        enough = invited() + random.randrange(1, 500)
        work_until(workers, lambda enough=enough: invited() >= enough)
        assert_each_seat_has_its_mail()
    assert invited() < SEATS
    work_until(workers, lambda: state_of(operation) == OperationState.DONE_WITH_FAILURES)
    assert invited() == SEATS
    assert_each_seat_has_its_mail()
    operation.refresh_from_db()
    assert (operation.outcomes["created"], operation.outcomes["rejected"]) == (SEATS, PRODUCERS - SEATS)
