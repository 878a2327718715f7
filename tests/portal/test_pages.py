"""The producers' pages: who comes in, what they see, and in how many queries."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.core.words import states
from muster.portals.models import PortalUser
from muster.portals.operations import close_seats
from muster.producers.models import Producer
from tests.make import (
    make_appointment,
    make_assignment,
    make_license,
    make_line,
    make_member,
    make_organization,
    make_producer,
    make_seat,
)
from tests.web.query_counts import same_number_of_queries

pytestmark = pytest.mark.django_db

PAGES = [
    "portal-home",
    "portal-licenses",
    "portal-appointments",
    "portal-profile",
    "portal-profile-contact",
    "portal-profile-employment-new",
    "portal-profile-background",
    "portal-documents",
    "portal-privacy",
]


@pytest.fixture
def seat() -> PortalUser:
    organization = make_organization(name="Harbor Insurance")
    return make_seat(make_producer(organization, last_name="Alder", synced_at=timezone.now()))


def logged_in(seat: PortalUser) -> Client:
    client = Client()
    client.force_login(seat.user)
    return client


def text_of(client: Client, name: str) -> str:
    response = client.get(reverse(name))
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


def fill(producer: Producer, many: int) -> None:
    """A life license in so many states, the first of which expires soon, with an appointment each."""
    codes = [*states()][:many]
    soon = timezone.localdate() + timedelta(days=20)
    for code in codes:
        make_line(make_license(producer, code, expires_on=soon if code == codes[0] else None))
        make_appointment(producer, code)
    make_assignment(producer, states=[*codes, "GU"] if codes else ["CA"])


@pytest.mark.parametrize("many", [0, 54])
def test_pages_show_what_there_is_in_as_many_queries_whatever_that_is(seat: PortalUser, many: int) -> None:
    fill(seat.producer, many)
    client = logged_in(seat)
    for name in PAGES:
        with same_number_of_queries(name if many else f"{name}, empty"):
            shown = text_of(client, name)
        assert ("Traceback" in shown, "Log out" in shown) == (False, True)
    home, licenses = text_of(client, "portal-home"), text_of(client, "portal-licenses")
    assert "Ada  Alder" in home
    assert home.count("us-good") > many - 2
    assert ("expires in 20 days" in home) == bool(many)
    assert licenses.count('id="license-') == many
    assert ("The registry lists none for you" in licenses) == (not many)
    assert "GU" in home or not many


@pytest.mark.parametrize(
    "ends",
    [
        lambda seat: PortalUser.objects.update(closed_at=timezone.now()),
        lambda seat: type(seat.portal).objects.update(closed_at=timezone.now()),
        lambda seat: Producer.objects.update(removed_at=timezone.now()),
    ],
    ids=["seat closed", "portal closed", "producer removed"],
)
def test_an_open_session_is_refused_from_the_next_request_on(seat: PortalUser, ends: object) -> None:
    client = logged_in(seat)
    assert client.get(reverse("portal-home")).status_code == HTTPStatus.OK
    ends(seat)  # type: ignore[operator]
    response = client.get(reverse("portal-home"))
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert "Ask Harbor Insurance to invite you" in response.content.decode()


def test_whose_seat_was_closed_is_told_so_wherever_they_come_in(seat: PortalUser) -> None:
    client = logged_in(seat)
    with transaction.atomic():
        close_seats(
            organization_id=seat.organization_id,
            seat_ids=[seat.pk],
            by_id=None,
            operation_id=None,
            now=timezone.now(),
        )
    for page in ("/", reverse("portal-home")):
        told = client.get(page, follow=True)
        assert told.status_code == HTTPStatus.FORBIDDEN
        assert "You have no seat in a portal of Harbor Insurance" in told.content.decode()
    # Whoever never had one is told what those are told who work here.
    stranger, left = Client(), make_member(make_organization())
    Membership.objects.filter(pk=left.pk).update(is_active=False)
    stranger.force_login(left.user)
    assert "You do not belong to an organization" in stranger.get("/").content.decode()


@pytest.mark.parametrize(("path", "status"), [("/portal/boat/", 404), ("/producers/", 403)])
def test_what_is_not_theirs_leads_a_producer_home(seat: PortalUser, path: str, status: int) -> None:
    told = logged_in(seat).get(path)
    assert told.status_code == status
    assert "Begin at Home." in told.content.decode()
    assert f'href="{reverse("portal-home")}" class="btn btn-primary"' in told.content.decode()


LAPSED = [
    ({"is_active": False, "expires_on": date(2024, 5, 1)}, "ran out on May 1, 2024", "or ask the state."),
    ({"is_active": True, "expires_on": date(2024, 5, 1)}, "ran out on May 1, 2024", "Renew with the state"),
    ({"is_active": False, "expires_on": date(2999, 5, 1)}, "is inactive", "Ask the state why it is."),
]


@pytest.mark.parametrize(("over", "stands", "step"), LAPSED)
def test_a_license_not_in_force_says_why_and_what_to_do(
    seat: PortalUser, over: dict[str, Any], stands: str, step: str
) -> None:
    make_license(seat.producer, "TX", **over)
    home = text_of(logged_in(seat), "portal-home")
    assert f"Your Texas license {stands}" in home
    assert step in home


def test_on_the_way_to_a_second_factor_the_portal_is_one_link_away(seat: PortalUser) -> None:
    assert "Go to the portal" in text_of(logged_in(seat), "mfa_index")


def test_a_producer_is_led_from_the_start_page_to_their_own(seat: PortalUser) -> None:
    assert logged_in(seat).get("/").headers["Location"] == reverse("portal-home")


def test_who_works_there_and_has_a_seat_goes_to_and_fro() -> None:
    member = make_member(make_organization(), Role.ADMIN)
    assert reverse("portal-home") not in text_of(logged_in(PortalUser(user=member.user)), "home")
    client = logged_in(make_seat(make_producer(member.organization), member.user))
    assert f'href="{reverse("portal-home")}"' in text_of(client, "home")
    assert f"Pages of {member.organization}" in text_of(client, "portal-home")


def test_a_producer_of_two_organizations_chooses(seat: PortalUser) -> None:
    other = make_organization(name="Cedar & Oak")
    Membership.objects.create(organization=other, user=seat.user, role=Role.PRODUCER)
    make_seat(make_producer(other, last_name="Birch"), seat.user)
    client, choose = logged_in(seat), reverse("portal-organizations")
    assert "Cedar &amp; Oak" in text_of(client, "portal-organizations")
    assert client.post(choose, {"organization": other.pk}).headers["Location"] == reverse("portal-home")
    assert "Birch" in text_of(client, "portal-home")
    elsewhere = make_organization()
    assert client.post(choose, {"organization": elsewhere.pk}).status_code == HTTPStatus.NOT_FOUND
