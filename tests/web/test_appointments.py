"""The list of appointments: what stands in it, what its address asks for, and how it is paged."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from muster.access.models import Membership
from muster.appointments.models import Appointment
from muster.appointments.queries import (
    IN_FORCE,
    ORDERS,
    PAGE,
    AtRisk,
    Selection,
    at_risk,
    is_in_force,
    matching,
    visible_appointments,
)
from muster.console.appointments.address import query_of, selection_of
from muster.core.health import RISK_WORDS, Risk
from tests.make import make_appointment, make_member, make_organization, make_producer
from tests.web.query_counts import same_number_of_queries
from tests.web.test_producers import links, text

pytestmark = pytest.mark.django_db

LIST = "/appointments/"


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def codes(browsing: Client, query: str) -> list[str]:
    return [row.appointment.line_code for row in browsing.get(LIST + query).context["appointments"]]


@pytest.fixture
def every_kind(member: Membership) -> list[Appointment]:
    """Appointments of each health and status, in the order in which they were added."""
    ada = make_producer(member.organization, npn="1500001", last_name="Núñez")
    bo = make_producer(member.organization, npn="1600001", first_name="Bo", last_name="Birch")
    risky = {"health": "at_risk"}
    return [
        make_appointment(ada, "CA", line_code="GOOD", health="active"),
        make_appointment(ada, "TX", line_code="NEW", cocode="00042"),
        make_appointment(bo, "TX", line_code="LOST", **risky, risks=["line_lost", "license_expired"]),
        make_appointment(bo, "CA", line_code="STATE", status="Terminated", **risky, risks=["ended_by_state"]),
        make_appointment(bo, "CA", line_code="OVER", status="Terminated"),
        make_appointment(bo, "NV", line_code="GONE", gone_at=timezone.now()),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["GONE", "OVER", "STATE", "LOST", "NEW", "GOOD"]),
        ("?sort=added", ["GOOD", "NEW", "LOST", "STATE", "OVER", "GONE"]),
        ("?sort=state", ["GOOD", "STATE", "OVER", "GONE", "NEW", "LOST"]),
        ("?state=CA", ["OVER", "STATE", "GOOD"]),
        ("?health=active", ["GOOD"]),
        ("?health=at_risk", ["LOST"]),
        ("?risk=ended_by_state", ["STATE"]),
        ("?risk=line_lost", ["LOST"]),
        ("?risk=license_expired&state=CA", []),
        ("?status=in-force", ["LOST", "NEW", "GOOD"]),
        ("?status=ended", ["GONE", "OVER", "STATE"]),
        ("?company=00042", ["NEW"]),
        ("?company=42", ["NEW"]),
        ("?q=nunez&status=in-force", ["NEW", "GOOD"]),
        ("?q=npn+16&health=at_risk", ["LOST"]),
    ],
)
def test_the_address_says_what_is_shown(
    query: str, expected: list[str], browsing: Client, every_kind: list[Appointment]
) -> None:
    assert codes(browsing, query) == expected
    assert browsing.get(LIST + query).context["total"] == len(expected)


def test_what_is_asked_of_the_database_is_what_a_page_calls_it(
    member: Membership, every_kind: list[Appointment]
) -> None:
    found = {one.line_code for one in visible_appointments(member).filter(IN_FORCE)}
    assert found == {one.line_code for one in every_kind if is_in_force(one)}


def test_the_list_tells_of_each_appointment_what_one_asks_first(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, npn="17654321", first_name="Bea", last_name="Núñez")
    make_appointment(producer, health="at_risk", risks=["license_inactive", "something_new"])
    answer = browsing.get(LIST)
    assert (
        "CA Núñez, Bea NPN 17654321 Northstar Life Insurance Company CoCode 90101 Life Appointed "
        "Apr 1, 2019 renews Jun 30, 2099 At risk License inactive something new" in text(answer)
    )
    assert "/producers/17654321/#appointments" in links(answer)
    assert "?company=90101" in links(answer)


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({}, "Not judged yet"),
        ({"health": "active"}, "Active"),
        ({"status": "Terminated", "termination_reason": "Voluntary"}, "Ended: Voluntary"),
        ({"status": "Terminated"}, "Ended: Terminated"),
        (
            {"status": "Terminated", "health": "at_risk", "risks": ["ended_by_state"]},
            "Ended in the last 90 days",
        ),
        ({"gone_at": timezone.now()}, "No longer listed since"),
        ({"first_effective_on": None}, "Unknown renews"),
        ({"company_name": ""}, "Unknown company CoCode 90101"),
    ],
)
def test_health_and_status_are_said_in_words(
    over: dict[str, object], words: str, browsing: Client, member: Membership
) -> None:
    make_appointment(make_producer(member.organization), **over)
    assert words in text(browsing.get(LIST))


def test_appointments_of_another_organization_are_not_shown(browsing: Client, member: Membership) -> None:
    theirs = make_producer(make_organization(), last_name="Theirs")
    make_appointment(theirs, health="at_risk", risks=["line_lost"])
    for query in ("", "?health=at_risk", "?q=theirs", "?company=90101"):
        assert codes(browsing, query) == []
    assert at_risk(member) == AtRisk(0, {})


@pytest.mark.parametrize(
    "query",
    ["state=XX", "health=x", "risk=x", "status=x", "company=x", "company=123456", "company=٤"],
)
def test_a_filter_that_means_nothing_shows_nothing(query: str, browsing: Client, member: Membership) -> None:
    one = make_appointment(make_producer(member.organization))
    assert codes(browsing, f"?{query}") == []
    assert codes(browsing, "?sort=x") == [one.line_code]


def test_filters_that_are_on_are_shown_and_can_be_taken_off_one_by_one(browsing: Client) -> None:
    asked = "?q=<b>x&state=CA&health=at_risk&risk=line_lost&status=in-force&company=42&sort=state"
    answer = browsing.get(LIST + asked)
    chips = {chip.label: chip.url for chip in answer.context["chips"]}
    assert list(chips) == [
        "“<b>x”",
        "California",
        "At risk",
        "Line of authority lost",
        "In force",
        "CoCode 00042",
    ]
    assert set(chips.values()) <= set(links(answer))
    assert "<b>x" not in answer.content.decode()


def test_an_address_says_the_same_read_and_written_again() -> None:
    asked = "q=ada&state=CA&health=at_risk&risk=line_lost&status=ended&company=00042&sort=added"
    assert query_of(selection_of(QueryDict(asked))) == f"?{asked}"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "No appointments yet"),
        ("?health=at_risk", "None is at risk"),
        ("?risk=line_lost", "None is at risk"),
        ("?health=at_risk&state=CA", "No appointment matches"),
        ("?health=active", "No appointment matches"),
    ],
)
def test_an_empty_list_says_what_that_means(query: str, words: str, browsing: Client) -> None:
    assert words in text(browsing.get(LIST + query))


@pytest.mark.parametrize("order", ["-added", "added", "state"])
def test_pages_lead_on_and_back_and_keep_the_filters(
    order: str, browsing: Client, member: Membership
) -> None:
    producer = make_producer(member.organization)
    for number in range(PAGE + 7):
        make_appointment(producer, ("CA", "TX")[number % 2])
    first = browsing.get(f"{LIST}?company=90101&sort={order}")
    second = browsing.get(LIST + first.context["next_url"])
    shown = [row.appointment.pk for page in (first, second) for row in page.context["appointments"]]
    assert len(shown) == len(set(shown)) == PAGE + 7
    assert second.context["next_url"] is None
    assert "company=90101" in second.context["previous_url"]


def test_the_number_of_queries_does_not_grow_with_the_rows(browsing: Client, member: Membership) -> None:
    for count in (1, 12):
        for _ in range(count):
            make_appointment(make_producer(member.organization))
        with same_number_of_queries("appointment-list"):
            browsing.get(LIST)


def test_every_reason_has_words_in_the_order_in_which_reasons_are_told() -> None:
    assert list(RISK_WORDS) == list(Risk)


def test_what_is_at_risk_is_counted_by_reason_and_once_in_all(
    member: Membership, every_kind: list[Appointment]
) -> None:
    producer = every_kind[0].producer
    make_appointment(producer, health="at_risk", risks=["line_lost"])
    assert at_risk(member) == AtRisk(2, {"line_lost": 2, "license_expired": 1}, ended=1)


@pytest.mark.parametrize(
    ("selection", "index"),
    [
        (Selection(cocode="90101"), "appointment_by_company"),
        (Selection(risk="line_lost", order="state"), "appointment_at_risk"),
        (Selection(state="CA"), "appointment_by_state"),
        (Selection(), "appointment_by_age"),
    ],
)
def test_each_filter_has_an_index_to_walk(selection: Selection, index: str, member: Membership) -> None:
    producers = [make_producer(member.organization), *(make_producer(make_organization()) for _ in range(3))]
    for number in range(240):
        producer = producers[number % 4]
        state, risky = ("CA", "TX", "NV")[number % 3], number % 40 == 0
        make_appointment(
            producer,
            state,
            cocode=f"{90_101 + number % 20}",
            health="at_risk" if risky else "active",
            risks=["line_lost"] if risky else [],
        )
    rows = matching(visible_appointments(member), member, selection).order_by(*ORDERS[selection.order].by)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE appointments_appointment")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    assert index in rows[:51].explain()
