"""The pages of API tokens: shown once, and ended for good."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import ApiToken, Membership
from muster.access.permissions import Role
from muster.access.tokens import make_token, member_of
from muster.audit.models import Event
from tests.make import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def site(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def a_token(member: Membership, **over: str) -> ApiToken:
    token, _ = make_token(by=member, acts_as=member, **{"name": "quotes", "expires_at": None, **over})
    return token


def make(site: Client, acts_as: Membership, **over: str) -> str:
    form = {"name": "quotes", "acts_as": acts_as.pk, "life": "90", **over}
    return site.post(reverse("api-token-new"), form).content.decode()


def test_a_token_is_shown_once_and_lets_a_program_in(site: Client, member: Membership) -> None:
    acts_as = make_member(member.organization, Role.SPECIALIST)
    page = make(site, acts_as)
    [secret] = re.findall(r'value="(mst_[\w-]+)"', page)
    assert member_of(secret, now=timezone.now()) == acts_as
    assert secret not in site.get(reverse("api-tokens")).content.decode()
    token = ApiToken.objects.get()
    assert token.hint.endswith(secret[-4:])
    assert token.expires_at is not None
    assert timedelta(days=89) < token.expires_at - timezone.now() <= timedelta(days=90)


def test_no_browser_keeps_the_page_that_shows_a_token(site: Client, member: Membership) -> None:
    answer = site.post(reverse("api-token-new"), {"name": "quotes", "acts_as": member.pk, "life": ""})
    assert "no-store" in answer["Cache-Control"]
    assert ApiToken.objects.get().expires_at is None


def test_reloading_that_page_makes_no_second_token(site: Client, member: Membership) -> None:
    make(site, member)
    assert "There is a token of that name already" in make(site, member)
    assert ApiToken.objects.count() == 1


def test_the_name_of_a_token_that_ended_is_free_again(site: Client, member: Membership) -> None:
    make(site, member)
    site.post(reverse("api-token-revoke", args=[ApiToken.objects.get().pk]))
    make(site, member)
    assert ApiToken.objects.filter(revoked_at=None).count() == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_token_needs_a_name(site: Client, member: Membership, name: str) -> None:
    make(site, member, name=name)
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("role", [Role.PRODUCER, Role.VIEWER])
def test_a_token_acts_as_nobody_from_elsewhere_who_left_or_who_works_in_the_portal(
    site: Client, member: Membership, role: Role
) -> None:
    elsewhere = make_member(role=role)
    producer = make_member(member.organization, Role.PRODUCER)
    gone = make_member(member.organization, role)
    Membership.objects.filter(pk=gone.pk).update(is_active=False)
    for one in (elsewhere, producer, gone):
        assert "Select a valid choice" in make(site, one)
    assert not ApiToken.objects.exists()


def test_a_revoked_token_lets_nobody_in_and_is_not_revoked_twice(site: Client, member: Membership) -> None:
    token, secret = make_token(by=member, acts_as=member, name="quotes", expires_at=None)
    url = reverse("api-token-revoke", args=[token.pk])
    assert "It was never used" in site.get(url).content.decode()
    assert member_of(secret, now=timezone.now()) is not None
    site.post(url)
    assert member_of(secret, now=timezone.now()) is None
    token.refresh_from_db()
    first = token.revoked_at
    site.post(url)
    token.refresh_from_db()
    assert token.revoked_at == first
    assert Event.objects.filter(kind="token:revoke").count() == 1


def test_making_and_revoking_stand_in_the_activity_log(site: Client, member: Membership) -> None:
    make(site, member)
    site.post(reverse("api-token-revoke", args=[ApiToken.objects.get().pk]))
    page = site.get(reverse("activity")).content.decode()
    assert (
        f"made the API token “quotes” ({ApiToken.objects.get().hint}), which acts as {member.user.email}"
        in page
    )
    assert "revoked the API token “quotes”" in page


def test_the_list_tells_how_each_token_stands(site: Client, member: Membership) -> None:
    a_token(member, name="good")
    now = timezone.now()
    ApiToken.objects.filter(pk=a_token(member, name="old").pk).update(expires_at=now)
    ApiToken.objects.filter(pk=a_token(member, name="ended").pk).update(revoked_at=now)
    left = make_member(member.organization)
    token, _ = make_token(by=member, acts_as=left, name="orphan", expires_at=None)
    Membership.objects.filter(pk=left.pk).update(is_active=False)
    page = site.get(reverse("api-tokens")).content.decode()
    told = re.findall(r'class="status [\w-]+">([^<]+)<', page)
    assert told == ["Its member is no longer here", "Expired", "Active", "Revoked"]
    assert "No program comes in here" not in page
    assert token.hint in page


def test_account_and_people_lead_to_the_tokens_of_who_may_manage_them(
    site: Client, member: Membership, client: Client
) -> None:
    link = f'href="{reverse("api-tokens")}"'
    assert link in site.get(reverse("account")).content.decode()
    assert link in site.get(reverse("people")).content.decode()
    client.force_login(make_member(member.organization, Role.SPECIALIST).user)
    assert link not in client.get(reverse("account")).content.decode()


def test_the_page_of_none_says_what_tokens_are_for(site: Client) -> None:
    assert "No program comes in here" in site.get(reverse("api-tokens")).content.decode()
