"""The pages of producers and agencies: what they show, what is done there, and what is kept from whom."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.bulk.models import Item, Operation
from muster.console.producers import actions
from muster.console.producers.address import query_of
from muster.console.templatetags.producing import phone
from muster.core.words import states
from muster.history.models import Change
from muster.producers.models import Agency, Producer, RegistryAddress, RegistryContact, RegulatoryAction
from muster.producers.queries import PAGE, Selection
from tests.make import (
    make_agency,
    make_appointment,
    make_assignment,
    make_license,
    make_line,
    make_member,
    make_organization,
    make_producer,
    with_ssn,
)
from tests.web.query_counts import same_number_of_queries

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


def text(answer: HttpResponse) -> str:
    """What a person reads on the page, without marks and line breaks."""
    without_scripts = re.sub(r"(?s)<(script|style|head|select).*?</\1>", " ", answer.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without_scripts)).split())


def names(answer: HttpResponse) -> list[str]:
    return [str(line.producer) for line in answer.context["lines"]]


def links(answer: HttpResponse) -> list[str]:
    return [unescape(one) for one in re.findall(r'href="([^"]+)"', answer.content.decode())]


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
        "agency=x",
        "agency=-1",
        "agency=0",
        "agency=99999999999999999999",
        "agency=١",
        "problem=x",
        "sort=x",
        "after=x",
        "before=x&after=y",
        "after=%F0%9F%92%A9",
    ],
)
def test_what_means_nothing_in_the_address_is_passed_over(
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
    headings = browsing.get(f"{LIST}?sort=npn").context["headings"]
    assert (headings["npn"].standing, headings["npn"].url) == ("ascending", "?sort=-npn")
    assert (headings["name"].standing, headings["name"].url) == ("", "?")
    assert headings["synced"].url == "?sort=-synced"


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


def test_the_ticked_producers_are_queued_and_nobody_else(browsing: Client, member: Membership) -> None:
    one, two, three = (make_producer(member.organization) for _ in range(3))
    theirs = make_producer(make_organization(), npn="99")
    answer = browsing.post(f"{LIST}resync/?state=CA", {"npn": [one.npn, three.npn, theirs.npn]}, follow=True)
    assert statuses(one, two, three, theirs) == ["queued", "not_started", "queued", "not_started"]
    assert "asked again about 2 producers" in text(answer)
    assert answer.redirect_chain == [(f"{LIST}?state=CA", 302)]
    assert Event.objects.get(kind="producer:resync").by == member.user


def test_all_that_match_are_queued_once_that_is_confirmed(browsing: Client, member: Membership) -> None:
    one, two, three = (make_producer(member.organization, last_name=name) for name in ("Ash", "Ash", "Elm"))
    asked = browsing.get(f"{LIST}resync/?q=ash")
    assert "Ask the registry again about 2 producers?" in text(asked)
    assert statuses(one) == ["not_started"]
    browsing.post(f"{LIST}resync/?q=ash", {"all": "yes"})
    assert statuses(one, two, three) == ["queued", "queued", "not_started"]


def test_more_than_can_be_queued_at_once_are_refused_with_what_to_do(
    browsing: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_AT_ONCE", 1)
    producers = [make_producer(member.organization) for _ in range(2)]
    for answer in (
        browsing.get(f"{LIST}resync/"),
        browsing.post(f"{LIST}resync/", {"all": "yes"}),
        browsing.post(f"{LIST}resync/", {"npn": [one.npn for one in producers]}),
    ):
        assert "Narrow the list" in text(answer)
    assert statuses(*producers) == ["not_started", "not_started"]


def test_nothing_ticked_is_told(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization)
    assert "Tick the producers" in text(browsing.post(f"{LIST}resync/", follow=True))
    assert statuses(producer) == ["not_started"]


def test_one_who_may_not_sync_is_offered_nothing_to_tick(client: Client) -> None:
    viewer = make_member(role=Role.VIEWER)
    producer = make_producer(viewer.organization)
    client.force_login(viewer.user)
    assert 'name="npn"' not in client.get(LIST).content.decode()
    assert "Sync now" not in text(client.get(f"{LIST}{producer.npn}/"))


# --- one producer ----------------------------------------------------------------------------------


def short(days: int) -> str:
    """A day from today as it begins on pages."""
    on = timezone.localdate() + timedelta(days=days)
    return f"{on:%b} {on.day}"


def full_producer(member: Membership) -> Producer:
    """A producer of whom everything is known."""
    now = timezone.now()
    organization = member.organization
    producer = make_producer(
        organization,
        npn="17654321",
        first_name="Beatriz",
        last_name="Núñez",
        agency=make_agency(organization, name="Cedar & Stone"),
        email="bea@cedar.example",
        sync_status="success",
        synced_at=now - timedelta(minutes=5),
        name_differs=True,
        file_first_name="Bea",
        file_last_name="Nunez",
        other_names=[{"state": "CA", "kind": "Alias", "name": "Bea N."}],
        sync_notes=["A license without a number was left out."],
        **with_ssn(SSN),
    )
    california = make_license(producer, number="0D1", expires_on=timezone.localdate() + timedelta(days=41))
    make_line(california, "Life")
    make_line(california, "Fraternal", gone_at=now)
    make_license(producer, "TX", residency="NR", expires_on=timezone.localdate() - timedelta(days=1))
    make_license(producer, "ID", number="GONE-1", gone_at=now)
    make_appointment(producer, company_name="Northstar Life", health="at_risk", risks=["license_expired"])
    make_appointment(
        producer, company_name="Granite Mutual", status="Terminated", termination_reason="Voluntary"
    )
    of = {"organization": organization, "producer": producer, "state": "CA"}
    for state in ("CA", "OR"):
        RegistryAddress.objects.create(
            **{**of, "state": state}, type_name="Business", line_1="1 Pier", city="Oakland", zip="94606"
        )
    Change.objects.create(
        organization=organization,
        producer_id=producer.pk,
        state="CA",
        kind="license",
        verb="changed",
        record_id=california.pk,
        about={"number": "0D1"},
        old={"is_active": True},
        new={"is_active": False},
        source="registry",
    )
    RegistryContact.objects.create(**of, kind="phone", value="510-555-0142")
    RegulatoryAction.objects.create(**of, action_id="1", reason="Late renewal", penalty="$250")
    operation = Operation.objects.create(
        id=uuid4(),
        organization=organization,
        kind="agent",
        by=member.user,
        state="done",
        source_name="class.xlsx",
    )
    Item.objects.create(
        operation=operation, row_no=4, state="applied", outcome="created", target_id=producer.pk
    )
    make_assignment(
        producer, categories=["health"], states=["AZ"], cocodes=["90102"], operation_id=operation.pk
    )
    return producer


def test_the_page_of_a_producer_tells_all_that_is_known(browsing: Client, member: Membership) -> None:
    full_producer(member)
    answer = browsing.get(f"{LIST}17654321/")
    said = text(answer)
    for words in (
        "Beatriz Núñez",
        "NPN 17654321 · Cedar & Stone",
        "Synced 5 minutes ago",
        "Get licensed in AZ Assigned AZ, but holds no license in force there.",
        "1 license in force of 2 listed",
        f"1 expiring within 90 days first: CA, {short(41)}",
        "1 gap in 1 assignment",
        "1 appointment at risk 1 in force",
        "State by state Registry, 5 minutes ago",
        f"41 days California Insurance Producer · No. 0D1 {short(41)}",
        "Health as producer AZ CoCode 90102 License · from file class.xlsx",
        "0% 0 of 1 ready",
        "AZ No license Health Apply for a license in Arizona",
        "Licenses 1 of 2 in force",
        "California Resident Insurance Producer · No. 0D1",
        "Expires in 41 days",
        "Life Active",
        "Fraternal no longer listed since",
        "Texas Nonresident",
        "Expired",
        "1 license no longer listed by the registry",
        "Gone since",
        "Appointments 1 in force, 1 at risk",
        "Northstar Life CoCode 90101",
        "At risk License expired",
        "1 appointment that has ended",
        "Granite Mutual",
        "Terminated Voluntary",
        "Name in file Bea Nunez",
        "Alias Bea N. (CA)",
        "bea@cedar.example",
        "•••-••-6789",
        "A license without a number was left out.",
        "Business · California, Oregon",
        "1 Pier Oakland",
        "(510) 555-0142",
        "Late renewal",
        "Penalty $250",
        "California license 0D1: active → inactive",
        "class.xlsx row 4 · created · Robin Field",
    ):
        assert words in said
    assert f"{reverse('change-list')}?npn=17654321" in links(answer)
    assert SSN not in answer.content.decode()
    assert reverse("import-detail", args=[Operation.objects.get().pk]) in links(answer)


def test_the_number_of_queries_of_a_producers_page_does_not_grow_with_what_is_known(
    browsing: Client, member: Membership
) -> None:
    producer = full_producer(member)
    for _ in range(2):
        with same_number_of_queries("producer-detail"):
            browsing.get(f"{LIST}{producer.npn}/")
        for state in ("AZ", "NV", "OR"):
            make_line(make_license(producer, state), "Life")
            make_appointment(producer, state)
            make_assignment(producer)


UNSYNCED: dict[str, Any] = {"sync_status": "not_started"}
SYNCED: dict[str, Any] = {"sync_status": "success", "synced_at": timezone.now()}


def rows_of(answer: HttpResponse) -> dict[str, str]:
    """The table of states: the words of each row by its code."""
    rows = re.findall(r'(?s)<tr id="state-(..)".*?</tr>', answer.content.decode())
    assert len(rows) == len(set(rows))
    return {row.code: row.words for row in answer.context["states"] if row.code in rows}


def test_what_nobody_knows_yet_is_no_zero(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **UNSYNCED)
    make_assignment(producer, states=["TX", "CA"])
    said = text(browsing.get(f"{LIST}{producer.npn}/"))
    for figure in ("licenses in force", "expiring within 90 days", "gaps", "appointments at risk"):
        assert f"– {figure} not known yet" in said
    assert "Not synced yet Life Sync with the registry" in said
    assert "0 of" not in said
    assert "CA California Not known yet – – – – – –" in said


def test_a_producer_of_whom_nothing_is_on_record_has_a_page_too(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **SYNCED)
    said = text(browsing.get(f"{LIST}{producer.npn}/"))
    for words in (
        "0 licenses in force",
        "– gaps no assignments to judge",
        "Nothing in any state.",
        "Nothing expires soon.",
        "No licenses.",
        "No appointments in force.",
        "No assignments.",
        "No changes yet.",
    ):
        assert words in said


def test_the_map_and_the_table_say_the_same_of_each_state(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **SYNCED)
    make_line(make_license(producer, "TX", expires_on=timezone.localdate() + timedelta(days=200)), "Life")
    for _ in range(3):
        make_appointment(producer, "TX")
    make_license(producer, "RI", residency="NR", is_active=False, expires_on=None)
    make_license(producer, "PR", residency="NR", expires_on=timezone.localdate() - timedelta(days=1))
    make_license(producer, "OH", residency="NR", gone_at=timezone.now())
    make_appointment(producer, "FL", health="at_risk", risks=["license_missing"])
    make_assignment(producer, states=["NV"])
    answer = browsing.get(f"{LIST}{producer.npn}/")
    page = answer.content.decode()
    expires, expired = (timezone.localdate() + timedelta(days=days) for days in (200, -1))
    expected = {
        "FL": "no license, but one is needed, 1 appointment, 1 appointment at risk",
        "NV": "no license, but one is needed, 1 gap",
        "OH": "no longer listed",
        "PR": f"expired, expired {expired:%b} {expired.day}, {expired.year}",
        "RI": "inactive",
        "TX": f"active, 3 appointments, expires {expires:%b} {expires.day}, {expires.year}",
    }
    assert rows_of(answer) == expected
    told = dict(re.findall(r'<a class="us-[^"]*" href="#state-(..)" aria-label="[^:]+: ([^"]+)"', page))
    assert told == expected
    looks = dict(re.findall(r'<a class="us-\w+ us-(\w+)" href="#state-(..)"', page))
    assert {code: look for look, code in looks.items()}.items() <= {
        "TX": "good",
        "NV": "wanted",
        "FL": "wanted",
        "RI": "bad",
        "PR": "bad",
        "OH": "past",
    }.items()


def test_a_state_is_told_by_its_best_license(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **SYNCED)
    today = timezone.localdate()
    make_license(producer, "TX", class_name="Adjuster", expires_on=today - timedelta(days=400))
    make_license(producer, "TX", class_name="General", expires_on=today + timedelta(days=30))
    answer = browsing.get(f"{LIST}{producer.npn}/")
    assert rows_of(answer)["TX"].startswith("expires in 30 days, ")
    assert "2 licenses" in text(answer)


def test_the_next_step_is_no_good_standing_while_a_figure_says_otherwise(
    browsing: Client, member: Membership
) -> None:
    producer = make_producer(member.organization, **SYNCED)
    license = make_license(producer)
    assignment = make_assignment(producer)
    url = f"{LIST}{producer.npn}/"
    assert "Close the gap" in text(browsing.get(url))
    assignment.delete()
    make_line(license)
    make_appointment(producer, health="at_risk", risks=["line_lost"])
    assert "Look at the appointment at risk" in text(browsing.get(url))
    make_appointment(producer, health="at_risk", risks=["line_lost"])
    assert "Look at 2 appointments at risk" in text(browsing.get(url))


def test_a_producer_licensed_everywhere_has_one_page(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **SYNCED)
    for state in states():
        make_license(producer, state, residency="NR")
        for number in range(9):
            make_appointment(producer, state, line_code=str(number))
    answer = browsing.get(f"{LIST}{producer.npn}/")
    assert len(rows_of(answer)) == len(states())
    assert len(re.findall(r'<a class="us-[^"]*" href="#state-', answer.content.decode())) == len(states())
    assert f"{9 * len(states())} appointments in force" in text(answer)


def test_the_same_npn_elsewhere_is_somebody_elses(browsing: Client, member: Membership) -> None:
    make_producer(make_organization(), npn="77", last_name="Theirs")
    assert browsing.get(f"{LIST}77/").status_code == 404
    make_producer(member.organization, npn="77", last_name="Ours")
    assert "Ours" in text(browsing.get(f"{LIST}77/"))


def test_a_producer_who_waits_is_asked_about_until_nothing_moves(
    browsing: Client, member: Membership
) -> None:
    producer = make_producer(member.organization, sync_status="processing")
    url = reverse("producer-sync", args=[producer.npn])
    moving = browsing.get(url)
    assert f'hx-get="{url}"' in moving.content.decode()
    assert "HX-Refresh" not in moving
    assert "no-store" in moving["Cache-Control"]
    Producer.objects.update(sync_status="success")
    done = browsing.get(url)
    assert "hx-get" not in done.content.decode()
    assert done["HX-Refresh"] == "true"


def test_resync_answers_a_script_with_the_status_and_others_with_the_page(
    browsing: Client, member: Membership
) -> None:
    producer = make_producer(member.organization)
    url = reverse("producer-resync", args=[producer.npn])
    part = browsing.post(url, headers={"HX-Request": "true"})
    assert "Queued" in text(part)
    assert "<html" not in part.content.decode()
    assert "asked again" in text(browsing.post(url, follow=True))


# --- SSNs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_an_ssn_is_shown_once_kept_nowhere_and_on_record(
    headers: dict[str, str], browsing: Client, member: Membership
) -> None:
    producer = make_producer(member.organization, **with_ssn(SSN))
    url = reverse("producer-ssn", args=[producer.npn])
    answer = browsing.post(url, headers=headers)
    assert "512-34-6789" in text(answer)
    assert "no-store" in answer["Cache-Control"]
    assert Event.objects.get(kind="producer:reveal-ssn").by == member.user
    assert "no-store" in browsing.get(f"{LIST}{producer.npn}/")["Cache-Control"]
    again = browsing.get(url, headers=headers)
    assert "•••-••-6789" in text(again)
    assert "512-34" not in text(again)


def test_reveal_is_offered_to_those_who_may_see_ssns_and_to_nobody_else(client: Client) -> None:
    organization = make_organization()
    producer = make_producer(organization, **with_ssn(SSN))
    for can_see in (True, False):
        client.force_login(make_member(organization, can_see_ssn=can_see).user)
        assert ("Reveal" in text(client.get(f"{LIST}{producer.npn}/"))) == can_see


def test_an_ssn_sealed_with_a_lost_key_is_told_as_such(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, **{**with_ssn(SSN), "ssn_sealed": "gAAAA"})
    answer = browsing.post(reverse("producer-ssn", args=[producer.npn]))
    assert "MUSTER_FIELD_KEYS" in text(answer)
    assert not Event.objects.filter(kind="producer:reveal-ssn").exists()


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
