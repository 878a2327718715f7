"""Territories: named groups of states."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.onboarding.models import Territory
from tests.make import make_member
from tests.web.reading import text

pytestmark = pytest.mark.django_db

NEW, LIST = "/territories/new/", "/territories/"


@pytest.fixture
def member() -> Membership:
    return make_member(role=Role.ADMIN)


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def test_a_territory_is_made_changed_and_deleted_on_record(browsing: Client, member: Membership) -> None:
    assert "No territories yet" in text(browsing.get(LIST))
    made = {"name": " West  Coast ", "state": ["WA", "CA", "XX"]}
    shown = text(browsing.post(NEW, made, follow=True))
    territory = Territory.objects.get()
    assert (territory.name, territory.states) == ("West Coast", ["CA", "WA"])
    assert "California, Washington" in shown
    page = reverse("territory", args=[territory.pk])
    browsing.post(page, {"name": "west coast", "state": ["OR"]})
    territory.refresh_from_db()
    assert (territory.name, territory.states) == ("west coast", ["OR"])
    browsing.post(reverse("territory-delete", args=[territory.pk]))
    assert not Territory.objects.exists()
    made = Event.objects.filter(organization=member.organization, kind__startswith="territory")
    kinds = made.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["territory:create", "territory:change", "territory:delete"]
    assert "deleted the territory “west coast”" in text(browsing.get(reverse("activity")))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "", "state": "CA"}, "Give the territory a name."),
        ({"name": "East"}, "Tick the states of the territory."),
        ({"name": "WEST", "state": "CA"}, "There is a territory called “WEST” already: change that one."),
        ({"name": "x" * 61, "state": "CA"}, "61 characters"),
    ],
)
def test_what_cannot_be_kept_is_said(
    browsing: Client, member: Membership, form: dict[str, str], said: str
) -> None:
    Territory.objects.create(organization=member.organization, name="West", states=["CA"])
    assert said in text(browsing.post(NEW, form))
    assert Territory.objects.count() == 1
