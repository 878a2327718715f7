"""Single sign-on, through the real pages and a real issuer on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from muster.access.models import Membership, User
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.notices.models import Email
from muster.portals.models import PortalUser
from tests.make import make_member, make_organization
from tests.portals.inviting import invite, make_contact, make_portal, paths_for
from tests.web.issuer import CLIENT_ID, SECRET, Issuer, issuer

pytestmark = pytest.mark.django_db

LIN = "lin@harbor.example"
VERIFIED = {"sub": "42", "email": LIN, "email_verified": True}


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def sso(settings: Any) -> Iterator[Issuer]:
    with issuer() as one:
        app = {
            "provider_id": "sso",
            "name": "Harbor",
            "client_id": CLIENT_ID,
            "secret": SECRET,
            "settings": {"server_url": one.url},
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
        yield one


@pytest.fixture
def member() -> Membership:
    return make_member(role=Role.SPECIALIST, email=LIN, name="Lin Park")


def come(client: Client, query: str = "") -> Any:
    """Go to the issuer, and come back with what it says."""
    away = client.get(f"/accounts/oidc/sso/login/{query}")
    assert away.status_code == 302, away.content
    back = httpx.get(away["Location"], follow_redirects=False)
    parts = urlsplit(back.headers["location"])
    return client.get(f"{parts.path}?{parts.query}")


def who_is_in(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_without_an_issuer_nothing_of_it_is_offered(client: Client) -> None:
    assert "oidc" not in client.get("/accounts/login/").content.decode()
    assert client.get("/accounts/oidc/sso/login/").status_code == 404
    assert client.get("/accounts/oidc/sso/login/callback/").status_code == 404


def test_the_verified_address_lets_in_and_is_remembered(
    client: Client, sso: Issuer, member: Membership
) -> None:
    assert "Log in with Harbor" in client.get("/accounts/login/").content.decode()
    sso.person = {**VERIFIED, "email": LIN.upper()}
    answer = come(client)
    assert (answer.status_code, answer["Location"]) == (302, reverse("home"))
    assert who_is_in(client) == str(member.user_id)
    assert Event.objects.filter(kind=EventKind.USER_LOGGED_IN, by=member.user).count() == 1
    assert Email.objects.get().subject == "You can log in with Harbor now"
    client.logout()
    come(client)
    assert who_is_in(client) == str(member.user_id)
    assert Email.objects.count() == 1


def test_it_leads_to_the_page_that_was_asked_for_and_to_no_other_site(
    client: Client, sso: Issuer, member: Membership
) -> None:
    sso.person = VERIFIED
    assert come(client, "?next=/account/")["Location"] == "/account/"
    client.logout()
    assert come(client, "?next=https://evil.example/")["Location"] == reverse("home")


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ({"sub": "1", "email": LIN, "email_verified": False}, "verified"),
        ({"sub": "1", "email": LIN}, "verified"),
        ({"sub": "1", "email": LIN, "email_verified": "false"}, "verified"),
        ({"sub": "1"}, "verified"),
        ({"sub": "1", "email": "stranger@harbor.example", "email_verified": True}, "no account here"),
        ({"sub": "1", "email": "lin@elsewhere.example", "email_verified": True}, "domain"),
    ],
    ids=["not verified", "verified not said", "verified is text", "no address", "unknown", "another domain"],
)
def test_who_is_not_known_for_sure_is_told_why(
    client: Client, sso: Issuer, member: Membership, settings: Any, person: dict[str, Any], words: str
) -> None:
    settings.MUSTER_SSO_DOMAINS = ["harbor.example"]
    sso.person = person
    answer = come(client)
    assert answer.status_code == 403
    assert words in answer.content.decode()
    assert who_is_in(client) is None
    assert User.objects.count() == 1


def test_an_address_that_is_no_longer_verified_lets_nobody_in(
    client: Client, sso: Issuer, member: Membership
) -> None:
    sso.person = VERIFIED
    come(client)
    client.logout()
    sso.person = {**VERIFIED, "email_verified": False}
    assert come(client).status_code == 403
    assert who_is_in(client) is None


def test_nobody_connects_an_account_by_hand(client: Client, sso: Issuer, member: Membership) -> None:
    other = make_member(role=Role.ADMIN, email="ada@harbor.example")
    client.force_login(other.user)
    sso.person = VERIFIED
    assert come(client, "?process=connect").status_code == 403
    client.logout()
    come(client)
    assert who_is_in(client) == str(member.user_id)


def test_who_is_deactivated_stays_out(client: Client, sso: Issuer, member: Membership) -> None:
    User.objects.update(is_active=False)
    sso.person = VERIFIED
    answer = come(client)
    assert answer["Location"] == reverse("account_inactive")
    assert who_is_in(client) is None


@pytest.mark.parametrize("address", ["ada@example.com", "eve@example.com"])
def test_who_is_invited_to_a_portal_registers_with_the_issuer_by_that_address_alone(
    client: Client, sso: Issuer, address: str
) -> None:
    organization = make_organization()
    make_portal(organization)
    ada = make_contact(organization, "Ada@example.com")
    invite(make_member(organization), ada)
    client.get(paths_for(ada)[0])
    assert "Register with Harbor" in client.get("/portal/register/").content.decode()
    sso.person = {"sub": "7", "email": address, "email_verified": True}
    answer = come(client, "?next=/portal/register/")
    if address.startswith("eve"):
        assert answer.status_code == 403
        assert not PortalUser.objects.filter(registered_at__isnull=False).exists()
        return
    assert answer["Location"] == "/portal/register/"
    assert client.post("/portal/register/")["Location"] == reverse("portal-registered")
    seat = PortalUser.objects.get()
    assert seat.user is not None
    assert (seat.user.email, seat.user.has_usable_password()) == ("Ada@example.com", False)
    assert client.get(reverse("portal-home")).status_code == 200


@pytest.mark.parametrize("fault", ["called off", "broken", "forged"])
def test_an_answer_that_is_none_lets_nobody_in(
    client: Client, sso: Issuer, member: Membership, fault: str
) -> None:
    sso.person = VERIFIED
    if fault == "forged":
        answer = client.get("/accounts/oidc/sso/login/callback/?code=a-code&state=made-up")
    else:
        sso.error = "access_denied" if fault == "called off" else ""
        sso.is_broken = fault == "broken"
        answer = come(client)
        answer = client.get(answer["Location"]) if answer.status_code == 302 else answer
    assert "Back to log in" in answer.content.decode()
    assert who_is_in(client) is None
