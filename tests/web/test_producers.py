"""The lists of producers and agencies: what they show, and what is done there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.bulk.models import Operation, Policy
from muster.bulk.operations import process
from muster.bulk.runner import run
from muster.console.producers.address import query_of
from muster.console.templatetags.producing import phone
from muster.producers.models import Agency, Producer
from muster.producers.queries import PAGE, Selection
from tests.make import (
    make_agency,
    make_license,
    make_member,
    make_organization,
    make_producer,
)
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

LIST = "/producers/"
SSN = "512346789"


@pytest.fixture
def member() -> Membership:
    return make_member(can_see_ssn=True)


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def names(answer: HttpResponse) -> list[str]:
    return [str(line.producer) for line in answer.context["lines"]]


# --- the list --------------------------------------------------------------------------------------


def test_an_organization_without_producers_is_shown_how_to_get_some(browsing: Client) -> None:
    answer = browsing.get(LIST)
    assert "No producers yet" in text(answer)
    assert reverse("import-new") in links(answer)


def test_a_viewer_without_producers_is_told_whom_to_ask(client: Client) -> None:
    client.force_login(make_member(role=Role.VIEWER).user)
    answer = client.get(LIST)
    assert "A Licensing Specialist or an Agency Admin" in text(answer)
    assert reverse("import-new") not in links(answer)


def test_the_list_tells_of_each_producer_what_one_asks_first(browsing: Client, member: Membership) -> None:
    agency = make_agency(member.organization, name="Cedar & Stone")
    producer = make_producer(
        member.organization,
        npn="17654321",
        first_name="Beatriz",
        last_name="Núñez",
        agency=agency,
        sync_status="retry_error",
        sync_reason="The registry did not answer in time.",
        synced_at=timezone.now() - timedelta(minutes=5),
        name_differs=True,
        file_first_name="Bea",
        file_last_name="Nunez",
    )
    make_license(producer, "TX", residency="NR", is_active=False)
    make_license(producer, "CA")
    said = text(browsing.get(LIST))
    for words in (
        "1 producer ",
        "Núñez, Beatriz In file: Nunez, Bea 17654321 Cedar & Stone Resident CA TX not in force 1 of 2",
        "Retry Error 5 minutes ago The registry did not answer in time.",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Alder, Ada", "Birch, Bo", "Cedar, Cy"]),
        ("?q=bir", ["Birch, Bo"]),
        ("?q=NPN+1500001", ["Birch, Bo"]),
        ("?q=npn:1500001", ["Birch, Bo"]),
        ("?q=bo+npn+%2301500001", ["Birch, Bo"]),
        ("?q=npn", []),
        ("?state=CA", ["Alder, Ada"]),
        ("?status=queued&status=not_found", ["Birch, Bo", "Cedar, Cy"]),
        ("?problem=attention", ["Cedar, Cy"]),
        ("?agency=none", ["Birch, Bo", "Cedar, Cy"]),
        ("?sort=-name", ["Cedar, Cy", "Birch, Bo", "Alder, Ada"]),
    ],
)
def test_the_address_says_what_is_shown(
    query: str, expected: list[str], browsing: Client, member: Membership
) -> None:
    organization = member.organization
    agency = make_agency(organization)
    alder = make_producer(organization, last_name="Alder", agency=agency, sync_status="success")
    make_producer(organization, npn="1500001", first_name="Bo", last_name="Birch", sync_status="queued")
    make_producer(organization, first_name="Cy", last_name="Cedar", sync_status="not_found")
    make_license(alder)
    assert names(browsing.get(LIST + query)) == expected


@pytest.mark.parametrize(
    "query",
    [
        "state=XX",
        "state=ca",
        "status=nonsense",
        "status=success&status=nonsense",
        "agency=x",
        "agency=-1",
        "agency=0",
        "agency=99999999999999999999",
        "agency=١",
        "problem=x",
    ],
)
def test_a_filter_that_means_nothing_shows_nothing_and_says_so(
    query: str, browsing: Client, member: Membership
) -> None:
    make_producer(member.organization, last_name="Alder", sync_status="success")
    answer = browsing.get(f"{LIST}?{query}")
    assert names(answer) == []
    assert "This filter cannot be read, so nothing is shown" in text(answer)


@pytest.mark.parametrize("query", ["sort=x", "after=x", "before=x&after=y", "after=%F0%9F%92%A9"])
def test_an_order_or_a_page_that_means_nothing_is_passed_over(
    query: str, browsing: Client, member: Membership
) -> None:
    make_producer(member.organization, last_name="Alder")
    assert names(browsing.get(f"{LIST}?{query}")) == ["Alder, Ada"]


def test_filters_that_are_on_are_shown_and_can_be_taken_off_one_by_one(
    browsing: Client, member: Membership
) -> None:
    agency = make_agency(member.organization, name="Cedar")
    answer = browsing.get(
        f"{LIST}?q=<b>x&state=CA&status=queued&status=error&agency={agency.pk}&problem=attention&sort=npn"
    )
    chips = {chip.label: chip.url for chip in answer.context["chips"]}
    assert list(chips) == [
        "“<b>x”",
        "Licensed in California",
        "Queued",
        "NIPR Error",
        "Cedar",
        "Could not be synced",
    ]
    assert "<b>x" not in answer.content.decode()
    assert chips["Queued"] == query_of(
        Selection(
            search="<b>x", state="CA", statuses=("error",), agency=agency.pk, problem="attention", order="npn"
        )
    )
    assert set(chips.values()) <= set(links(answer))


def test_nobody_matching_is_said_with_the_way_back(browsing: Client, member: Membership) -> None:
    make_producer(member.organization)
    answer = browsing.get(f"{LIST}?q=zzz")
    assert "Nobody matches" in text(answer)
    assert "Clear all filters" in text(answer)
    assert LIST in links(answer)


@pytest.mark.parametrize(
    ("query", "title", "way"),
    [
        ("?problem=attention", "Nobody is in this list", "See all producers"),
        ("?problem=name-differs", "Every name in your files is the registry’s.", "See all producers"),
        ("?problem=attention&q=zzz", "Nobody matches", "Clear all filters"),
    ],
)
def test_a_problem_that_nobody_has_is_good_news(
    query: str, title: str, way: str, browsing: Client, member: Membership
) -> None:
    make_producer(member.organization)
    said = text(browsing.get(LIST + query))
    assert title in said
    assert way in said
    assert ("Try fewer letters" in said) == ("q=" in query)


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("520-555-0180", "(520) 555-0180"),
        ("5205550180", "(520) 555-0180"),
        ("+1 520.555.0180", "(520) 555-0180"),
        ("(520) 555-0180", "(520) 555-0180"),
        ("520-555-0180 x12", "520-555-0180 x12"),
        ("+44 20 7946 0958", "+44 20 7946 0958"),
        ("ada@harbor.example", "ada@harbor.example"),
    ],
)
def test_phones_read_as_they_are_written_here(told: str, shown: str) -> None:
    assert phone(told) == shown


def test_pages_lead_on_and_back_and_keep_the_filters(browsing: Client, member: Membership) -> None:
    for number in range(PAGE + 10):
        make_producer(member.organization, last_name=f"A{number:03}", sync_status="queued")
    first = browsing.get(f"{LIST}?status=queued")
    assert len(names(first)) == PAGE
    assert f"{PAGE + 10} producers match" in text(first)
    second = browsing.get(LIST + first.context["next_url"])
    assert names(second) == [f"A{number:03}, Ada" for number in range(PAGE, PAGE + 10)]
    assert "status=queued" in second.context["previous_url"]
    assert second.context["next_url"] is None
    assert names(browsing.get(LIST + second.context["previous_url"])) == names(first)


def test_headings_order_the_list_and_say_how_it_stands(browsing: Client) -> None:
    columns = browsing.get(f"{LIST}?sort=npn").context["columns"]
    headings = {one.column.name: one.heading for one in columns}
    assert (headings["npn"].standing, headings["npn"].url) == ("ascending", "?sort=-npn")
    assert (headings["producer"].standing, headings["producer"].url) == ("", "?")
    assert headings["sync_status"].url == "?sort=-synced"


def test_an_agency_that_is_one_of_very_many_can_still_be_filtered_by(
    browsing: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("muster.producers.queries.MOST_AGENCIES", 1)
    birch, cedar = (make_agency(member.organization, name=name) for name in ("Birch", "Cedar"))
    make_producer(member.organization, last_name="Alder", agency=cedar)
    make_producer(member.organization, agency=birch)
    answer = browsing.get(f"{LIST}?agency={cedar.pk}")
    assert names(answer) == ["Alder, Ada"]
    assert [chip.label for chip in answer.context["chips"]] == ["Cedar"]
    assert reverse("agency-list") in links(answer)


def test_the_number_of_queries_of_the_list_does_not_grow_with_its_rows(
    browsing: Client, member: Membership
) -> None:
    agency = make_agency(member.organization)
    for count in (1, 12):
        for _ in range(count):
            producer = make_producer(member.organization, agency=agency)
            make_license(producer)
            make_license(producer, "TX")
        with same_number_of_queries("producer-list"):
            browsing.get(LIST)


# --- resync ----------------------------------------------------------------------------------------


def statuses(*producers: Producer) -> list[str]:
    found = dict(Producer.objects.values_list("pk", "sync_status"))
    return [found[producer.pk] for producer in producers]


ACT = "/lists/producers/act/"


def test_the_ticked_producers_are_queued_and_nobody_else(browsing: Client, member: Membership) -> None:
    one, two, three = (make_producer(member.organization) for _ in range(3))
    theirs = make_producer(make_organization(), npn="99")
    ticked = {"action": "resync-producers", "tick": [one.npn, three.npn, theirs.npn]}
    asked = browsing.post(f"{ACT}?state=CA", ticked, follow=True)
    assert "Resync 2 producers?" in text(asked)
    assert statuses(one, three) == ["not_started", "not_started"]
    done = browsing.post(f"{asked.redirect_chain[-1][0]}do/", follow=True)
    assert statuses(one, two, three, theirs) == ["queued", "not_started", "queued", "not_started"]
    assert "2 Queued for a sync" in text(done)
    assert Event.objects.get(kind="producer:resync").by == member.user


def test_nothing_is_queued_for_one_who_may_no_longer_sync(browsing: Client, member: Membership) -> None:
    one = make_producer(member.organization)
    browsing.post(ACT, {"action": "resync-producers", "tick": [one.npn]})
    operation = Operation.objects.get()
    process(operation=operation, member=member, policy=Policy.GOOD_ROWS, now=timezone.now(), defer=False)
    Membership.objects.filter(pk=member.pk).update(role=Role.VIEWER)
    run(operation.pk)
    operation.refresh_from_db()
    assert (operation.outcomes["rejected"], statuses(one)) == (1, ["not_started"])


def test_one_that_is_being_synced_is_left_alone(browsing: Client, member: Membership) -> None:
    one = make_producer(member.organization, sync_status="processing")
    asked = browsing.post(ACT, {"action": "resync-producers", "tick": [one.npn]}, follow=True)
    browsing.post(f"{asked.redirect_chain[-1][0]}do/")
    assert statuses(one) == ["processing"]
    assert Operation.objects.get().outcomes["unchanged"] == 1


def test_all_that_match_are_queued_once_that_is_confirmed(browsing: Client, member: Membership) -> None:
    one, two, three = (make_producer(member.organization, last_name=name) for name in ("Ash", "Ash", "Elm"))
    browsing.post(f"{ACT}?q=ash", {"action": "resync-producers", "all": "yes"})
    operation = Operation.objects.get()
    run(operation.pk)
    asked = browsing.get(reverse("operation-detail", args=[operation.pk]))
    assert "Resync 2 producers?" in text(asked)
    make_producer(member.organization, last_name="Ash")  # too late: what was selected is kept
    browsing.post(reverse("operation-do", args=[operation.pk]))
    run(operation.pk)
    assert statuses(one, two, three) == ["queued", "queued", "not_started"]
    assert Operation.objects.get().outcomes["updated"] == 2


def test_nothing_ticked_is_told(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization)
    answer = browsing.post(ACT, {"action": "resync-producers"}, follow=True)
    assert "Tick the producers first" in text(answer)
    assert statuses(producer) == ["not_started"]


def test_one_who_may_not_sync_is_not_offered_it(client: Client) -> None:
    viewer = make_member(role=Role.VIEWER)
    producer = make_producer(viewer.organization)
    client.force_login(viewer.user)
    assert 'value="resync-producers"' not in client.get(LIST).content.decode()
    assert client.post(ACT, {"action": "resync-producers", "tick": [producer.npn]}).status_code == 403
    assert "Sync now" not in text(client.get(f"{LIST}{producer.npn}/"))


# --- agencies --------------------------------------------------------------------------------------


def test_the_list_of_agencies_leads_to_their_producers(browsing: Client, member: Membership) -> None:
    birch = make_agency(member.organization, name="Birch", npn=None)
    make_agency(make_organization(), name="Theirs")
    make_producer(member.organization, agency=birch, last_name="Alder")
    answer = browsing.get("/agencies/")
    assert "Birch No NPN 1" in text(answer)
    assert "Theirs" not in text(answer)
    assert f"/producers/?agency={birch.pk}" in links(answer)
    follow = browsing.get(reverse("agency-detail", args=[birch.pk]), follow=True)
    assert names(follow) == ["Alder, Ada"]


def test_the_number_of_queries_of_the_agencies_does_not_grow_with_them(
    browsing: Client, member: Membership
) -> None:
    for count in (1, 5):
        for _ in range(count):
            make_producer(member.organization, agency=make_agency(member.organization))
        with same_number_of_queries("agency-list"):
            browsing.get("/agencies/")


@pytest.mark.parametrize(
    ("query", "words"),
    [("", "No agencies yet"), ("?q=zzz", "No agency matches")],
)
def test_a_list_without_agencies_says_what_to_do(query: str, words: str, browsing: Client) -> None:
    assert words in text(browsing.get(f"/agencies/{query}"))


def test_an_agency_is_added(browsing: Client, member: Membership) -> None:
    answer = browsing.post("/agencies/new/", {"name": "Birch", "npn": "12345"}, follow=True)
    assert "Birch is on file." in text(answer)
    assert Agency.objects.get(npn="12345").organization == member.organization


def test_a_refused_agency_comes_back_with_the_reason_and_what_was_typed(
    browsing: Client, member: Membership
) -> None:
    make_agency(member.organization, npn="12345", name="Cedar")
    answer = browsing.post("/agencies/new/", {"name": 'Bir"ch', "npn": "12345"})
    assert "NPN 12345 is that of Cedar" in text(answer)
    assert 'value="Bir&quot;ch"' in answer.content.decode()
    assert Agency.objects.count() == 1


def test_every_page_of_the_list_stays_readable_with_the_longest_values(
    browsing: Client, member: Membership
) -> None:
    long: dict[str, Any] = {"first_name": "F" * 100, "last_name": "<i>" * 60, "sync_reason": "R" * 300}
    make_producer(member.organization, npn="9" * 10, **long)
    answer = browsing.get(LIST)
    assert answer.status_code == 200
    assert "<i><i>" not in answer.content.decode()
