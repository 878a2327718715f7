"""The page of how an organization files."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.carriers.models import FilingSettings
from muster.carriers.queries import filing_settings_of
from tests.make import make_member, make_organization
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

PAGE = "/companies/filing/"


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def values(html: str) -> dict[str, str]:
    return dict(re.findall(r'name="(most_filings|most_fees|registry_fee)" value="([^"]*)"', html))


def test_an_unknown_fee_is_empty_and_the_page_asks_for_it(browsing: Client) -> None:
    answer = browsing.get(PAGE)
    assert values(answer.content.decode()) == {}
    assert "Tell what the registry takes for a filing" in text(answer)
    assert not FilingSettings.objects.exists()


def test_the_settings_are_saved_in_dollars_and_shown_so(browsing: Client, member: Membership) -> None:
    FilingSettings.objects.create(organization=make_organization(), registry_fee=999)
    told = {
        "two_person_release": "on",
        "most_filings": "1,000",
        "most_fees": "$2,500",
        "registry_fee": "1.53",
    }
    answer = browsing.post(PAGE, told, follow=True)
    assert "The changes are saved." in text(answer)
    kept = filing_settings_of(member.organization_id)
    assert (kept.most_filings, kept.most_fees, kept.registry_fee) == (1000, 250_000, 153)
    assert (kept.two_person_release, kept.auto_submit_bulk_appointments) == (True, False)
    html = answer.content.decode()
    assert values(html) == {"most_filings": "1000", "most_fees": "2,500.00", "registry_fee": "1.53"}
    assert re.findall(r'name="(\w+)"[^>]* checked', html) == ["two_person_release"]
    assert "Tell what the registry takes" not in text(answer)
    assert "Registry fee: $1.53 (was unknown)" in text(browsing.get("/activity/"))
    assert "Nothing was changed." in text(browsing.post(PAGE, told, follow=True))


def test_what_is_left_empty_is_no_limit_and_an_unknown_fee(browsing: Client, member: Membership) -> None:
    FilingSettings.objects.create(
        organization=member.organization, most_filings=5, most_fees=500, registry_fee=153
    )
    browsing.post(PAGE, {"most_filings": "", "most_fees": " ", "registry_fee": ""})
    kept = filing_settings_of(member.organization_id)
    assert (kept.most_filings, kept.most_fees, kept.registry_fee) == (None, None, None)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"most_filings": "0"}, "“0” in Filings at once is not a whole number"),
        ({"most_filings": "2.5"}, "“2.5” in Filings at once is not a whole number"),
        ({"most_fees": "0"}, "A limit of $0.00 lets nothing through."),
        ({"registry_fee": "some"}, "“some” in Registry fee is not an amount of dollars."),
    ],
)
def test_what_is_wrong_stands_beside_the_field(
    browsing: Client, member: Membership, told: dict[str, Any], words: str
) -> None:
    answer = browsing.post(PAGE, {"two_person_release": "on"} | told)
    assert words in text(answer)
    assert re.findall(r'name="(\w+)"[^>]* checked', answer.content.decode()) == ["two_person_release"]
    assert not FilingSettings.objects.exists()


@pytest.mark.parametrize(
    ("others", "warned"),
    [([], True), ([Role.SPECIALIST], True), ([Role.SUBMITTER], False), ([Role.ADMIN], False)],
)
def test_whoever_would_be_alone_in_releasing_is_warned(
    browsing: Client, member: Membership, others: list[Role], warned: bool
) -> None:
    make_member(role=Role.SUBMITTER)
    for role in others:
        make_member(member.organization, role)
    answer = browsing.get(PAGE)
    assert ("Only one person here may release filings" in text(answer)) is warned
    assert ("/people/new/" in links(answer)) is warned


def test_others_read_the_settings_and_change_none(client: Client, member: Membership) -> None:
    FilingSettings.objects.create(organization=member.organization, registry_fee=153)
    client.force_login(make_member(member.organization, Role.SUBMITTER).user)
    answer = client.get(PAGE)
    assert "An Agency Admin changes these." in text(answer)
    fields = re.findall(r"<input[^>]*name=\"(?:\w+_\w+)\"[^>]*>", answer.content.decode())
    assert len(fields) == 6
    assert all("disabled" in field for field in fields)
    assert "Save" not in text(answer)
    assert client.post(PAGE, {"registry_fee": "9"}).status_code == 403
    assert filing_settings_of(member.organization_id).registry_fee == 153


def test_the_page_takes_as_many_queries_as_are_on_record(browsing: Client) -> None:
    browsing.get(PAGE)
    with same_number_of_queries("filing-settings"):
        browsing.get(PAGE)
