"""Registering by the link of an invitation: once, by whom it is for, and for nobody else."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership, User
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.config.log_lines import NoSecretPaths
from muster.portals.models import Portal, PortalUser
from muster.portals.operations import close_portal, close_seats
from muster.portals.queries import seat_of
from muster.producers.models import Producer
from tests.make import PASSWORD, make_member
from tests.offboarding.removals import remove
from tests.portals.inviting import invite, make_contact, make_portal, paths_for

pytestmark = pytest.mark.django_db

NEW = "blue-Harbor-lantern"
REGISTRATION = "/portal/register/"


@pytest.fixture(autouse=True)
def nobody_has_tried() -> None:
    cache.clear()


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def portal(member: Membership) -> Portal:
    return make_portal(member.organization)


@pytest.fixture
def ada(member: Membership, portal: Portal) -> Producer:
    """Who was invited."""
    producer = make_contact(member.organization, "ada@example.com", last_name="Alder")
    invite(member, producer)
    return producer


@pytest.fixture
def link(ada: Producer) -> str:
    return paths_for(ada)[-1]


def register(client: Client, first: str = NEW, second: str = NEW) -> Any:
    return client.post(REGISTRATION, {"password1": first, "password2": second})


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_link_becomes_a_place_in_the_portal(client: Client, link: str, ada: Producer) -> None:
    page = client.get(link, follow=True)
    assert "ada@example.com" in words(page)
    assert str(ada.organization) in words(page)
    assert page["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page["Cache-Control"]
    assert register(client)["Location"] == reverse("portal-registered")

    joined = Membership.objects.get(user__email="ada@example.com")
    assert (joined.role, joined.organization) == (Role.PRODUCER, ada.organization)
    seat = seat_of(joined)
    assert seat is not None
    assert (seat.producer, seat.digest) == (ada, None)
    assert Event.objects.get(kind="portal:register").by == joined.user
    # Logged in, offered a second factor, and at home in the portal.
    done = words(client.get(reverse("portal-registered")))
    assert reverse("mfa_index") in done
    assert "/portal/" in done
    assert client.get("/")["Location"] == "/portal/"
    assert Client().login(email="ada@example.com", password=NEW)
    # Once.
    assert Client().get(link).status_code == 410
    assert register(client).status_code == 410


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ("", "", "This field is required"),
        (NEW, "", "This field is required"),
        (NEW, NEW + "x", "This is not the same password"),
        ("short", "short", "too short"),
        ("password12", "password12", "too common"),
        ("1234509876543", "1234509876543", "entirely numeric"),
        ("ada@example.com", "ada@example.com", "too similar"),
        ("x" * 129, "x" * 129, "at most 128 characters"),
    ],
)
def test_a_password_that_does_not_do_says_why(
    first: str, second: str, why: str, client: Client, link: str
) -> None:
    client.get(link)
    answer = register(client, first, second)
    assert why in words(answer)
    assert not User.objects.filter(email="ada@example.com").exists()
    assert register(client).status_code == 302


def expire(member: Membership, ada: Producer) -> None:
    PortalUser.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def send_again(member: Membership, ada: Producer) -> None:
    invite(member, ada)


def close_seat(member: Membership, ada: Producer) -> None:
    told = {"by_id": member.user_id, "operation_id": None, "now": timezone.now()}
    close_seats(organization_id=ada.organization_id, producer_ids=[ada.pk], **told)


def close_all(member: Membership, ada: Producer) -> None:
    close_portal(by=member, portal=Portal.objects.get(), now=timezone.now())


@pytest.mark.parametrize("end", [expire, send_again, close_seat, close_all, remove])
def test_a_link_that_is_over_says_so_in_the_words_of_any_unknown_one(
    end: Any, client: Client, link: str, member: Membership, ada: Producer
) -> None:
    client.get(link)
    end(member, ada)
    unknown = Client().get(f"{REGISTRATION}never-sent/")
    before, after = Client().get(link), register(client)
    assert (unknown.status_code, before.status_code, after.status_code) == (410, 410, 410)
    assert words(unknown) == words(before) == words(after)
    assert "ask the organization that invited you to send the invitation again" in words(unknown)
    assert not User.objects.filter(email="ada@example.com").exists()


@pytest.mark.parametrize("token", ["x", "é%20", "%00", "a" * 3_000, "..", "%2e%2e%2f"])
def test_any_token_gets_an_answer(token: str, client: Client) -> None:
    assert client.get(f"{REGISTRATION}{token}/").status_code in (301, 302, 400, 404, 410)


def test_a_forwarded_link_links_nothing_to_whoever_is_logged_in(
    client: Client, link: str, member: Membership
) -> None:
    client.force_login(member.user)
    assert f'You are logged in as <strong class="text-break">{member.user.email}' in words(
        client.get(link, follow=True)
    )
    assert "this invitation is for somebody else" in words(register(client))
    assert PortalUser.objects.get().user is None
    assert not User.objects.filter(email="ada@example.com").exists()


@pytest.mark.parametrize("role", [Role.SPECIALIST, None])
def test_an_account_that_there_is_logs_in_and_is_linked_with_its_password_and_role_kept(
    role: Role | None, client: Client, member: Membership, portal: Portal
) -> None:
    organization = member.organization if role else None
    there = make_member(organization, role or Role.VIEWER, email="ada@example.com")
    producer = make_contact(member.organization, "Ada@example.com")
    invite(member, producer)
    page = client.get(paths_for(producer)[-1], follow=True)
    assert "There is an account with this address" in words(page)
    assert f"{reverse('account_login')}?next={REGISTRATION}" in words(page)
    assert "There is an account with this address" in words(register(client))
    assert client.login(email="ada@example.com", password=PASSWORD)
    assert "Register with my account" in words(client.get(REGISTRATION))
    assert client.post(REGISTRATION).status_code == 302

    there.user.refresh_from_db()
    assert there.user.check_password(PASSWORD)
    place = Membership.objects.get(user=there.user, organization=member.organization)
    assert place.role == (role or Role.PRODUCER)
    assert seat_of(place) is not None


def test_whoever_worked_here_comes_back_as_a_producer_and_no_more(
    client: Client, link: str, member: Membership
) -> None:
    gone = make_member(member.organization, Role.ADMIN, email="ada@example.com", can_see_ssn=True)
    Membership.objects.filter(pk=gone.pk).update(is_active=False)
    client.get(link)
    client.force_login(gone.user)
    client.get(link)
    assert client.post(REGISTRATION).status_code == 302
    gone.refresh_from_db()
    assert (gone.role, gone.is_active, gone.can_see_ssn) == (Role.PRODUCER, True, False)


def test_a_closed_account_does_not_come_in_by_an_invitation(client: Client, link: str) -> None:
    user = User.objects.create_user("ada@example.com", None, is_active=False)
    client.get(link)
    assert "This account is closed" in words(register(client))
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_links_are_tried_so_often_and_no_more(client: Client) -> None:
    answers = {client.get(f"{REGISTRATION}guess{number}/").status_code for number in range(122)}
    assert answers == {410, 429}


def test_the_secret_of_a_link_is_in_no_log(
    client: Client, link: str, caplog: pytest.LogCaptureFixture, member: Membership, ada: Producer
) -> None:
    expire(member, ada)
    with caplog.at_level(logging.INFO):
        assert client.get(link).status_code == 410
    token = link.split("/")[-2]
    kept = [one.getMessage() for one in caplog.records if NoSecretPaths().filter(one)]
    assert f"Gone: {REGISTRATION}***/" in kept
    assert token not in str(kept)
    assert "secrets" in settings.LOGGING["handlers"]["console"]["filters"]
    assert token not in str([*PortalUser.objects.values(), *Event.objects.values()])


def test_asking_for_a_new_password_tells_nobody_who_has_an_account(
    client: Client, member: Membership
) -> None:
    answers = [
        client.post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in (member.user.email, "nobody@example.com")
    ]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert words(answers[0]) == words(answers[1])


def test_one_address_for_two_producers_of_an_organization_registers_as_the_first(
    client: Client, member: Membership, link: str, ada: Producer
) -> None:
    other = make_portal(member.organization, name="Firms")
    firm = make_contact(member.organization, ada.email, kind="firm", last_name="Alder & Co")
    invite(member, firm, portal=other)
    client.get(link)
    assert register(client).status_code == 302
    client.get(paths_for(firm)[-1])
    assert "registered at" in words(client.post(REGISTRATION))
    assert PortalUser.objects.filter(registered_at__isnull=False).get().producer == ada
