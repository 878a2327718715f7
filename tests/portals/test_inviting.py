"""What becomes of each who is invited, that no seat is given twice, and how seats are closed."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.bulk.kinds import kind_of
from muster.bulk.models import Item, Operation
from muster.bulk.queries import reasons_by_row
from muster.core.inviting import Facts, Result, Seating
from muster.notices.models import Email
from muster.portals.models import Portal, PortalUser
from muster.portals.operations import CannotKeep, close_portal, keep_portal
from muster.portals.operations import invite as invite_at_once
from muster.portals.queries import seat_of
from muster.portals.registering import register
from muster.producers.models import Producer
from tests.make import make_agency, make_member, make_organization, make_producer
from tests.offboarding.removals import add_again, remove
from tests.portals.inviting import choose, confirm, invite, make_contact, make_portal, paths_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def portal(member: Membership) -> Portal:
    return make_portal(member.organization)


def told(operation: Operation) -> list[str]:
    """What the box says of each, in their order."""
    kind = kind_of(operation)
    reasons = reasons_by_row(operation, first=1, last=operation.rows)
    items = Item.objects.filter(operation=operation).order_by("row_no")
    return [kind.say(one.result or {}) or " ".join(reasons.get(one.row_no, [])) for one in items]


@pytest.mark.parametrize(
    ("facts", "result"),
    [
        ({}, Result.INVITED),
        ({"is_here": False}, Result.GONE),
        ({"has_agency": False, "email": ""}, Result.NO_AGENCY),
        ({"email": ""}, Result.NO_EMAIL),
        ({"is_taken": True}, Result.SHARED_EMAIL),
        ({"has_seat": True}, Result.AGAIN),
        ({"has_seat": True, "email": ""}, Result.NO_EMAIL),
        ({"has_seat": True, "is_registered": True}, Result.REGISTERED),
    ],
)
@pytest.mark.parametrize("left", [0, 1])
def test_what_becomes_of_one(facts: dict[str, Any], result: Result, left: int) -> None:
    expected = Result.NO_SEATS if result is Result.INVITED and not left else result
    seating = Seating(left)
    assert seating.decide([Facts(7, **{"email": "ada@example.com", **facts})]) == {7: expected}
    assert seating.left == (0 if expected is Result.INVITED else left)


def test_each_gets_a_result_and_the_good_ones_go_whatever_the_others_do(
    member: Membership, portal: Portal
) -> None:
    of = member.organization
    Portal.objects.filter(pk=portal.pk).update(seats=3)
    before = make_contact(of, "before@example.com")
    invite(member, before)
    operation = invite(
        member,
        before,
        make_producer(of, email="no-agency@example.com"),
        make_contact(of, ""),
        make_contact(of, "not an address"),
        make_contact(of, "first@example.com"),
        make_contact(of, "FIRST@example.com"),
        make_contact(of, "second@example.com"),
        make_contact(of, "third@example.com"),
    )
    assert told(operation) == [
        "already invited: updated and sent again",
        "has no agency",
        "has no email",
        "has no email",
        "invited",
        "shares an email with somebody who was invited to this portal",
        "invited",
        "no seats left",
    ]
    assert PortalUser.objects.filter(portal=portal).count() == 3
    mails = Email.objects.filter(kind="portal-invitation").order_by("id").values_list("to", flat=True)
    assert [*mails] == ["before@example.com", "first@example.com", "second@example.com", "before@example.com"]
    event = Event.objects.get(kind="portal:invite", operation_id=operation.pk)
    assert (event.data["invited"], event.data["again"]) == (2, 1)


def test_an_invitation_sent_again_goes_to_the_address_of_today_and_ends_the_link_before(
    member: Membership, portal: Portal, client: Any
) -> None:
    producer = make_contact(member.organization, "ada@example.com")
    invite(member, producer)
    [old] = paths_for(producer)
    producer.email = "ada.alder@example.com"
    producer.save()
    assert told(invite(member, producer)) == ["already invited: updated and sent again"]
    [new] = paths_for(producer)
    assert PortalUser.objects.get().email == "ada.alder@example.com"
    assert (client.get(old).status_code, client.get(new).status_code) == (410, 302)


def test_who_has_registered_is_kept_with_the_address_of_today_and_gets_no_mail(
    member: Membership, portal: Portal
) -> None:
    producer = make_contact(member.organization, "ada@example.com")
    invite(member, producer)
    join(producer)
    producer.email = "ada.alder@example.com"
    producer.save()
    assert told(invite(member, producer)) == ["already registered: updated, no mail was sent"]
    assert PortalUser.objects.get().email == "ada.alder@example.com"
    assert Email.objects.filter(kind="portal-invitation").count() == 1


def test_without_a_choice_it_is_the_only_portal_and_never_another_organizations(member: Membership) -> None:
    producer = make_contact(member.organization, "ada@example.com")
    theirs = make_portal(make_organization())
    assert told(choose(member, producer)) == told(choose(member, producer, portal=theirs))
    assert "No portal was chosen yet" in told(choose(member, producer))[0]
    make_portal(member.organization)
    assert choose(member, producer).preview["created"] == 1
    make_portal(member.organization, name="External")
    assert "No portal was chosen yet" in told(choose(member, producer))[0]
    assert not PortalUser.objects.exists()


def join(producer: Producer) -> Membership:
    """Register with the link of the newest mail."""
    seat = PortalUser.objects.get(producer=producer, closed_at=None)
    taken = register(digest=seat.digest or "", user=None, password="x", now=timezone.now())
    return Membership.objects.get(organization=producer.organization, user=taken.user)


def test_who_is_removed_loses_the_seat_and_the_place_and_is_not_invited_by_coming_back(
    member: Membership, portal: Portal
) -> None:
    of = member.organization
    here, there = make_contact(of, "here@example.com"), make_contact(of, "there@example.com")
    waits = make_contact(of, "waits@example.com")
    boss = make_contact(of, member.user.email)
    invite(member, here, there, waits, boss)
    gone, stays = join(here), join(there)
    seat = PortalUser.objects.get(producer=boss)
    register(digest=seat.digest or "", user=member.user, now=timezone.now())
    assert [seat_of(one) is not None for one in (gone, stays, member)] == [True, True, True]

    remove(member, here, waits, boss)
    for one in (gone, stays, member):
        one.refresh_from_db()
    assert [one.is_active for one in (gone, stays, member)] == [False, True, True]
    assert [seat_of(one) is not None for one in (gone, stays, member)] == [False, True, False]
    assert PortalUser.objects.filter(closed_at=None).count() == 1
    assert PortalUser.objects.exclude(closed_at=None).filter(digest=None, closed_by=member.user).count() == 3
    assert member.role == Role.ADMIN

    add_again(member, here)
    assert told(choose(member, here)) == [""]
    assert PortalUser.objects.filter(closed_at=None).count() == 1


def test_closing_a_portal_closes_its_seats(member: Membership, portal: Portal) -> None:
    producer = make_contact(member.organization, "ada@example.com")
    invite(member, producer)
    joined = join(producer)
    close_portal(by=member, portal=portal, now=timezone.now())
    close_portal(by=member, portal=portal, now=timezone.now())
    joined.refresh_from_db()
    assert (joined.is_active, seat_of(joined)) == (False, None)
    assert Event.objects.filter(kind="portal:close").count() == 1


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"name": " "}, "Give the portal a name"),
        ({"name": "EXTERNAL"}, "There is a portal EXTERNAL already"),
        ({"kind": "boat"}, "Choose for whom"),
        ({"seats": None}, "a whole number from 1"),
        ({"seats": 0}, "a whole number from 1"),
        ({"seats": 1}, "2 seats are taken. Close some of them first"),
    ],
)
def test_a_portal_that_cannot_be_kept_so_says_why(
    told: dict[str, Any], why: str, member: Membership, portal: Portal
) -> None:
    make_portal(member.organization, name="External")
    of = member.organization
    invite(member, make_contact(of, "a@example.com"), make_contact(of, "b@example.com"), portal=portal)
    with pytest.raises(CannotKeep, match=why):
        keep_portal(by=member, portal=portal, **{"name": "Agents", "kind": "agents", "seats": 5, **told})


@pytest.mark.django_db(transaction=True)
def test_two_invitations_for_the_last_seat_never_both_succeed(member: Membership) -> None:
    portal = make_portal(member.organization, seats=1)
    agency = make_agency(member.organization)
    first, second = (
        make_contact(member.organization, f"{name}@example.com", agency=agency) for name in ("ada", "bea")
    )
    found: dict[str, Any] = {}

    def ask(producer: Producer) -> dict[int, Result] | None:
        return invite_at_once(
            organization_id=member.organization_id,
            portal_id=portal.pk,
            producer_ids=[producer.pk],
            by_id=member.user_id,
            operation_id=None,
            now=timezone.now(),
        )

    def ask_second() -> None:
        with transaction.atomic():
            found["second"] = ask(second)
        connection.close()

    other = threading.Thread(target=ask_second)
    with transaction.atomic():
        found["first"] = ask(first)
        other.start()
        wait_for_a_session_that_waits()
    other.join()
    assert found == {"first": {first.pk: Result.INVITED}, "second": {second.pk: Result.NO_SEATS}}
    assert PortalUser.objects.count() == Email.objects.count() == 1


def wait_for_a_session_that_waits() -> None:
    deadline = time.monotonic() + 60
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits for the lock of the portal")


def test_an_invitation_says_who_sends_it_and_is_answered_to_whoever_invites(
    member: Membership, portal: Portal
) -> None:
    invite(member, make_contact(member.organization, "ada@example.com"))
    mail = Email.objects.get(kind="portal-invitation")
    assert (mail.from_name, mail.reply_to) == (member.organization.name, member.user.email)


def test_who_left_ones_agencies_since_the_check_is_not_invited(member: Membership, portal: Portal) -> None:
    mine, others = make_agency(member.organization), make_agency(member.organization)
    limited = make_member(member.organization, Role.SPECIALIST)
    Membership.objects.filter(pk=limited.pk).update(agency_ids=[mine.pk])
    limited.refresh_from_db()
    stays, moves = (
        make_contact(member.organization, f"{name}@example.com", agency=mine) for name in ("ada", "bo")
    )
    chosen = choose(limited, stays, moves)
    Producer.objects.filter(pk=moves.pk).update(agency=others)
    confirm(chosen, limited)
    assert [seat.producer_id for seat in PortalUser.objects.all()] == [stays.pk]
