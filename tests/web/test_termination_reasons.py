"""The page of default termination reasons."""

from __future__ import annotations

import pytest
from django.test import Client

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.carriers.models import FilingSettings
from tests.make import make_member
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import text

pytestmark = pytest.mark.django_db

PAGE = "/companies/termination-reasons/"


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def kept(member: Membership) -> dict[str, str]:
    return FilingSettings.objects.get(organization=member.organization).termination_reasons


def test_each_state_offers_what_it_takes(browsing: Client) -> None:
    html = browsing.get(PAGE).content.decode()
    florida = html[html.index('id="reason-FL"') :].partition("</select>")[0]
    assert florida.count("<option") == 4
    assert "Request regulatory review" in florida
    nevada = html[html.index('id="reason-NV"') :].partition("</td>")[0]
    assert "Which reasons it takes is unknown." in nevada


def test_defaults_are_saved_changed_and_taken_back_on_record(browsing: Client, member: Membership) -> None:
    assert "The changes are saved." in text(browsing.post(PAGE, {"CA": "death", "FL": ""}, follow=True))
    assert kept(member) == {"CA": "death"}
    browsing.post(PAGE, {"FL": "voluntary_termination"})
    assert kept(member) == {"CA": "death", "FL": "voluntary_termination"}
    assert "Nothing was changed." in text(browsing.post(PAGE, {"CA": "death"}, follow=True))
    browsing.post(PAGE, {"CA": ""})
    assert kept(member) == {"FL": "voluntary_termination"}
    assert [one.data["changed"] for one in Event.objects.filter(kind="settings:change").order_by("id")] == [
        ["CA"],
        ["FL"],
        ["CA"],
    ]


def test_a_reason_that_the_state_does_not_take_is_refused_at_its_place(browsing: Client) -> None:
    answer = browsing.post(PAGE, {"FL": "agent_moved", "CA": "death", "XX": "death"})
    assert answer.status_code == 400
    assert "Florida does not take this reason. Choose one of the list." in text(answer)
    assert not FilingSettings.objects.exists()


def test_others_read_the_defaults_and_change_none(client: Client, member: Membership) -> None:
    client.force_login(make_member(member.organization, Role.SPECIALIST).user)
    answer = client.get(PAGE)
    assert "An Agency Admin changes these." in text(answer)
    assert answer.content.decode().count("<select") == answer.content.decode().count(" disabled")
    assert client.post(PAGE, {"CA": "death"}).status_code == 403


def test_the_page_takes_as_many_queries_as_are_on_record(browsing: Client) -> None:
    browsing.get(PAGE)
    with same_number_of_queries("termination-reasons"):
        browsing.get(PAGE)
