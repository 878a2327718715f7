"""The list of licenses: what stands in it, what its address asks for, and how it is paged."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from muster.access.models import Membership
from muster.console.licenses.address import STANDING_LABELS, query_of, selection_of
from muster.licenses.models import License
from muster.licenses.queries import (
    ANY,
    ATTENTION,
    IN_FORCE,
    PAGE,
    RENEWALS,
    expiring,
    standing_is,
    visible_licenses,
)
from muster.licenses.standing import SOON, Standing, standing_of
from tests.make import make_license, make_line, make_member, make_organization, make_producer
from tests.web.query_counts import same_number_of_queries
from tests.web.test_producers import links, text

pytestmark = pytest.mark.django_db

LIST = "/licenses/"


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


@pytest.fixture
def today() -> date:
    return timezone.localdate()


def numbers(browsing: Client, query: str) -> list[str]:
    return [line.license.number for line in browsing.get(LIST + query).context["lines"]]


@pytest.fixture
def every_standing(member: Membership, today: date) -> dict[str, License]:
    """A license of each standing, by its number; two that stand at the edges."""
    ada = make_producer(member.organization, npn="1500001", first_name="Ada", last_name="Núñez")
    bo = make_producer(member.organization, npn="1600001", first_name="Bo", last_name="Birch")
    days = timedelta(days=1)
    made = [
        make_license(ada, "CA", number="ENDLESS", expires_on=None),
        make_license(ada, "TX", number="LONG", residency="NR", expires_on=today + SOON + days),
        make_license(bo, "TX", number="SOON", residency="NR", expires_on=today + SOON),
        make_license(bo, "NV", number="TODAY", expires_on=today),
        make_license(bo, "OR", number="OVER", residency="", expires_on=today - days),
        make_license(bo, "ID", number="OFF", is_active=False, expires_on=today + 30 * days),
        make_license(bo, "UT", number="GONE", gone_at=timezone.now(), expires_on=today + 40 * days),
    ]
    return {one.number: one for one in made}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["TODAY", "SOON", "LONG", "ENDLESS"]),
        ("?standing=in-force&sort=-expiry", ["ENDLESS", "LONG", "SOON", "TODAY"]),
        ("?standing=expires-soon", ["TODAY", "SOON"]),
        ("?standing=active", ["LONG", "ENDLESS"]),
        ("?standing=expired", ["OVER"]),
        ("?standing=inactive", ["OFF"]),
        ("?standing=gone", ["GONE"]),
        ("?standing=any", ["OVER", "TODAY", "OFF", "GONE", "SOON", "LONG", "ENDLESS"]),
        ("?standing=any&sort=state", ["ENDLESS", "OFF", "TODAY", "OVER", "LONG", "SOON", "GONE"]),
        ("?state=TX", ["SOON", "LONG"]),
        ("?residency=R", ["TODAY", "ENDLESS"]),
        ("?residency=NR&state=TX&q=nunez", ["LONG"]),
        ("?q=NPN+16", ["TODAY", "SOON"]),
        ("?q=birch&standing=any&residency=R", ["TODAY", "OFF", "GONE"]),
        ("?q=nobody", []),
    ],
)
def test_the_address_says_what_is_shown(
    query: str, expected: list[str], browsing: Client, every_standing: dict[str, License]
) -> None:
    assert numbers(browsing, query) == expected
    assert browsing.get(LIST + query).context["total"] == len(expected)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (0, 0, ["TODAY"]),
        (1, 90, ["SOON"]),
        (0, 90, ["TODAY", "SOON"]),
        (None, 90, ["TODAY", "SOON"]),
        (90, None, ["SOON", "LONG"]),
        (91, 90, []),
    ],
)
def test_days_of_expiry_count_from_the_first_to_the_last(
    first: int | None,
    last: int | None,
    expected: list[str],
    browsing: Client,
    today: date,
    every_standing: dict[str, License],
) -> None:
    days = {"from": first, "to": last}
    query = "&".join(f"{name}={today + timedelta(days=day)}" for name, day in days.items() if day is not None)
    assert numbers(browsing, f"?{query}") == expected


def test_what_is_asked_of_the_database_is_what_a_page_calls_it(
    member: Membership, today: date, every_standing: dict[str, License]
) -> None:
    licenses = visible_licenses(member)
    found = {
        standing: {one.number for one in licenses.filter(standing_is(standing, today))}
        for standing in Standing
    }
    told = {standing: set[str]() for standing in Standing}
    for license in every_standing.values():
        told[standing_of(license, today)].add(license.number)
    assert found == told
    assert {IN_FORCE, ANY, ATTENTION, RENEWALS, *Standing} == set(STANDING_LABELS)


def test_the_list_tells_of_each_license_what_one_asks_first(
    browsing: Client, member: Membership, today: date
) -> None:
    producer = make_producer(member.organization, npn="17654321", first_name="Bea", last_name="Núñez")
    license = make_license(producer, number="0D1", expires_on=today + timedelta(days=41))
    make_line(license)
    make_line(license, "Health")
    make_line(license, "Fraternal", gone_at=timezone.now())
    answer = browsing.get(LIST)
    assert "1 license in force" in text(answer)
    assert (
        f"CA Núñez, Bea NPN 17654321 · not assigned 0D1 Insurance Producer Resident · 2 lines "
        f"{license.expires_on:%b} {license.expires_on.day}, {license.expires_on.year} "
        "Expires in 41 days" in text(answer)
    )
    assert "/producers/17654321/#licenses" in links(answer)


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"expires_on": None}, "Does not expire Active"),
        ({"is_active": False}, "Inactive"),
        ({"gone_at": timezone.now()}, "Gone since"),
        ({"expires_on": date(2020, 1, 2)}, "days ago Expired"),
    ],
)
def test_standings_are_said_in_words(
    over: dict[str, object], words: str, browsing: Client, member: Membership
) -> None:
    make_license(make_producer(member.organization), **over)
    assert words in text(browsing.get(f"{LIST}?standing=any"))


def test_licenses_of_another_organization_are_not_shown(browsing: Client, today: date) -> None:
    theirs = make_license(make_producer(make_organization(), last_name="Theirs"), expires_on=today)
    assert numbers(browsing, "?standing=any") == []
    assert numbers(browsing, "?q=theirs") == []
    assert theirs.number not in text(browsing.get(LIST))


@pytest.mark.parametrize(
    "query",
    ["state=XX", "standing=x", "residency=Q", "from=x", "to=2026-02-30"],
)
def test_a_filter_that_means_nothing_shows_nothing(query: str, browsing: Client, member: Membership) -> None:
    make_license(make_producer(member.organization))
    assert numbers(browsing, f"?{query}") == []


@pytest.mark.parametrize("query", ["sort=x", "after=x", "before=x"])
def test_an_order_or_a_page_that_means_nothing_is_passed_over(
    query: str, browsing: Client, member: Membership
) -> None:
    license = make_license(make_producer(member.organization))
    assert numbers(browsing, f"?{query}") == [license.number]


def test_filters_that_are_on_are_shown_and_can_be_taken_off_one_by_one(browsing: Client) -> None:
    asked = "?q=<b>x&state=CA&standing=expired&residency=NR&from=2026-01-02&to=2026-03-04&sort=state"
    answer = browsing.get(LIST + asked)
    chips = {chip.label: chip.url for chip in answer.context["chips"]}
    assert list(chips) == [
        "“<b>x”",
        "California",
        "Expired",
        "Nonresident",
        "Expires Jan 2, 2026 – Mar 4, 2026",
    ]
    assert set(chips.values()) <= set(links(answer))
    assert "<b>x" not in answer.content.decode()
    assert "standing" not in chips["Expired"]
    assert "from" not in chips["Expires Jan 2, 2026 – Mar 4, 2026"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "No license is in force"),
        ("?standing=any", "No licenses yet"),
        ("?standing=expired", "No license that the registry calls active is past its day."),
        ("?standing=expired&state=CA", "No license matches"),
        ("?q=x", "Clear all filters"),
    ],
)
def test_an_empty_list_says_what_that_means(query: str, words: str, browsing: Client) -> None:
    assert words in text(browsing.get(LIST + query))


@pytest.mark.parametrize("order", ["expiry", "-expiry", "state"])
def test_pages_lead_on_and_back_and_keep_the_filters(
    order: str, browsing: Client, member: Membership, today: date
) -> None:
    producers = [make_producer(member.organization) for _ in range(3)]
    for number in range(PAGE + 7):
        ends = None if number % 9 == 0 else today + timedelta(days=number // 4)
        make_license(producers[number % 3], ("CA", "TX")[number % 2], number=f"{number:03}", expires_on=ends)
    first = browsing.get(f"{LIST}?residency=R&sort={order}")
    second = browsing.get(LIST + first.context["next_url"])
    shown = [line.license.number for page in (first, second) for line in page.context["lines"]]
    assert len(shown) == PAGE + 7
    assert len(set(shown)) == PAGE + 7
    assert second.context["next_url"] is None
    assert "residency=R" in second.context["previous_url"]
    assert numbers(browsing, second.context["previous_url"]) == shown[:PAGE]


def test_a_heading_turns_the_order_round(browsing: Client, member: Membership) -> None:
    make_license(make_producer(member.organization))
    headings = {one.column.name: one.heading for one in browsing.get(LIST).context["columns"]}
    assert (headings["expires_on"].standing, headings["expires_on"].url) == ("ascending", "?sort=-expiry")
    assert (headings["state"].standing, headings["state"].url) == ("", "?sort=state")


def test_an_address_says_the_same_read_and_written_again() -> None:
    asked = "q=ada&state=CA&standing=expired&residency=R&from=2026-01-02&to=2026-03-04&sort=-expiry"
    assert query_of(selection_of(QueryDict(asked))) == f"?{asked}"


def test_the_number_of_queries_does_not_grow_with_the_rows(browsing: Client, member: Membership) -> None:
    for count in (1, 12):
        for _ in range(count):
            license = make_license(make_producer(member.organization))
            make_line(license)
        with same_number_of_queries("license-list"):
            browsing.get(LIST)


def test_the_weeks_to_come_are_the_days_that_count_as_soon(
    member: Membership, today: date, every_standing: dict[str, License]
) -> None:
    found = expiring(member, today=today)
    assert [week.first for week in found.weeks] == [today + timedelta(weeks=number) for number in range(13)]
    assert found.weeks[-1].last == today + SOON
    assert [week.licenses for week in found.weeks] == [1, *[0] * 11, 1]
    assert (found.soon, found.expired) == (2, 1)


def test_the_soonest_are_found_by_walking_an_index(member: Membership, today: date) -> None:
    licenses = visible_licenses(member).filter(standing_is(IN_FORCE, today)).order_by("ends_on", "id")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        # Of a table that is known to be all but empty, sorting would be the cheapest.
        cursor.execute("SET LOCAL enable_sort = off")
    assert "license_by_end" in licenses[:51].explain()
