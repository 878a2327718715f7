"""The list of scorecards: the worst first, what its address asks for, and what closes each gap."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.assignments.models import Assignment
from muster.console.scorecards.address import query_of, selection_of
from muster.console.scorecards.steps import step_of
from muster.core.scorecard import GAP_WORDS, GapKind
from muster.producers.models import Producer
from muster.scorecards.operations import judge_producers, sweep
from muster.scorecards.queries import (
    PAGE,
    Standing,
    StateGap,
    counts_by_gap,
    counts_by_state,
    gaps_by_state,
    standing,
)
from tests.make import make_assignment, make_license, make_line, make_member, make_organization, make_producer
from tests.web.query_counts import same_number_of_queries
from tests.web.test_producers import links, text

pytestmark = pytest.mark.django_db

LIST = "/scorecards/"
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def judge() -> None:
    now = timezone.now()
    sweep(today=timezone.localdate(now), now=now)


def synced(member: Membership, **over: Any) -> Producer:
    return make_producer(member.organization, synced_at=NOON, sync_status="success", **over)


def licensed(producer: Producer, state: str, *lines: str, **over: Any) -> None:
    license = make_license(producer, state, **over)
    for line in lines:
        make_line(license, line)


@pytest.fixture
def four(member: Membership) -> list[Assignment]:
    """One never synced, one without its license, one half there, and one ready."""
    never = make_producer(member.organization, npn="1500001", last_name="Nunez")
    bo = synced(member, npn="1600001", first_name="Bo", last_name="Birch")
    licensed(bo, "AK", "Life", expires_on=date(2020, 1, 1))
    cy = synced(member, npn="1700001", first_name="Cy", last_name="Cole")
    licensed(cy, "AK", "Life")
    made = [
        make_assignment(never, states=["TX"]),
        make_assignment(bo, states=["AK", "TX"]),
        make_assignment(cy, states=["AK"], categories=["life", "health"]),
        make_assignment(cy, states=["AK"]),
    ]
    judge()
    return made


def shown(browsing: Client, query: str = "") -> list[tuple[str, int]]:
    return [
        (row.card.producer.last_name, row.card.percent) for row in browsing.get(LIST + query).context["rows"]
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [("Nunez", 0), ("Birch", 0), ("Cole", 75), ("Cole", 100)]),
        ("?state=TX", [("Nunez", 0), ("Birch", 0)]),
        ("?state=AK", [("Birch", 0), ("Cole", 75)]),
        ("?gap=license_expired", [("Birch", 0)]),
        ("?gap=license_missing&state=AK", []),
        ("?gap=not_synced", [("Nunez", 0)]),
        ("?q=cole", [("Cole", 75), ("Cole", 100)]),
        ("?q=npn+16&state=TX", [("Birch", 0)]),
        ("?q=17&gap=line_missing", [("Cole", 75)]),
        ("?state=XX", []),
        ("?gap=nothing", []),
    ],
)
def test_the_worst_come_first_and_the_address_says_which(
    query: str, expected: list[tuple[str, int]], browsing: Client, four: list[Assignment]
) -> None:
    assert shown(browsing, query) == expected
    assert browsing.get(LIST + query).context["total"] == len(expected)


def test_a_row_tells_what_is_sold_how_much_is_there_and_what_closes_each_gap(
    browsing: Client, four: list[Assignment]
) -> None:
    answer = browsing.get(LIST + "?q=birch")
    assert (
        "Birch, Bo NPN 1600001 Life as producer · license AK TX 0% of checks met 0 of 2 lines ready "
        "AK: license expired Renew the license in Alaska "
        "TX: no license Apply for a license in Texas"
    ) in text(answer)
    assert "/producers/1600001/apply/?state=TX&category=life" in links(answer)
    assert "/producers/1600001/#gaps" in links(answer)


def test_what_is_asked_for_stands_first_among_many_gaps(browsing: Client, member: Membership) -> None:
    make_assignment(synced(member), states=["AK", "CA", "NV", "TX", "WY"])
    judge()
    assert "2 more gaps" in text(browsing.get(LIST))
    [row] = browsing.get(LIST + "?state=WY").context["rows"]
    assert [gap.state for gap in row.gaps] == ["WY", "AK", "CA"]


def test_who_was_never_synced_is_unknown_and_not_zero(browsing: Client, four: list[Assignment]) -> None:
    answer = text(browsing.get(LIST + "?q=nunez"))
    assert "Unknown until synced" in answer
    assert "0%" not in answer
    assert "TX: not synced yet Sync with the registry" in answer


def test_an_unknown_check_is_told(browsing: Client, member: Membership) -> None:
    producer = synced(member)
    license = make_license(producer, "AK")
    make_line(license, "Life", status="")
    make_assignment(producer, states=["AK"])
    judge()
    assert "50% of checks met 0 of 1 line ready 1 cannot be told None that is known" in text(
        browsing.get(LIST)
    )


@pytest.mark.parametrize(("over", "words"), [({"starts_on": 1}, "Starts on"), ({"ends_on": -1}, "Ended on")])
def test_an_assignment_outside_its_dates_says_so(
    over: dict[str, int], words: str, browsing: Client, member: Membership
) -> None:
    today = timezone.localdate()
    dates = {name: today + timedelta(days) for name, days in over.items()}
    make_assignment(synced(member), **dates)
    judge()
    answer = text(browsing.get(LIST))
    assert words in answer
    assert "100%" not in answer
    assert standing(member) == Standing(ready=0, with_gaps=0, waiting=0)


def test_filters_tell_how_many_assignments_each_choice_leaves(
    browsing: Client, member: Membership, four: list[Assignment]
) -> None:
    for query in ("", "?state=AK", "?state=TX", "?gap=license_missing"):
        context = browsing.get(LIST + query).context
        selection = context["selection"]
        for one in context["states"]:
            narrowed = f"?state={one.value}&gap={selection.gap}"
            assert len(shown(browsing, narrowed)) == one.assignments
        for one in context["kinds"]:
            assert len(shown(browsing, f"?gap={one.value}&state={selection.state}")) == one.assignments
    # One assignment may have two kinds of gap in a state, and one kind in two states.
    assert counts_by_state(member) == {"AK": 2, "TX": 2}
    assert counts_by_gap(member) == {
        "license_expired": 1,
        "license_missing": 1,
        "line_missing": 1,
        "not_synced": 1,
    }


def test_gaps_are_counted_by_state_and_kind(member: Membership, four: list[Assignment]) -> None:
    make_assignment(synced(member), states=["TX"])
    judge()
    assert gaps_by_state(member) == [
        StateGap("TX", GapKind.LICENSE_MISSING, 2),
        StateGap("AK", GapKind.LICENSE_EXPIRED, 1),
        StateGap("AK", GapKind.LINE_MISSING, 1),
        StateGap("TX", GapKind.NOT_SYNCED, 1),
    ]
    assert standing(member) == Standing(ready=1, with_gaps=4, waiting=0)


def test_assignments_that_wait_to_be_judged_are_told(
    browsing: Client, member: Membership, four: list[Assignment]
) -> None:
    make_assignment(synced(member))
    assert "1 assignment waits to be judged" in text(browsing.get(LIST))
    judge()
    assert "to be judged" not in text(browsing.get(LIST))


def test_scorecards_of_another_organization_are_not_shown(browsing: Client, member: Membership) -> None:
    theirs = make_producer(make_organization(), last_name="Theirs")
    make_assignment(theirs, states=["TX"])
    judge()
    for query in ("", "?state=TX", "?q=theirs", "?gap=not_synced"):
        assert shown(browsing, query) == []
    assert gaps_by_state(member) == []
    assert standing(member) == Standing(0, 0, 0)
    assert counts_by_state(member) == counts_by_gap(member) == {}


@pytest.mark.parametrize(
    ("role", "words", "is_offered"),
    [(Role.SPECIALIST, "No assignments yet", True), (Role.VIEWER, "imports them with the producers", False)],
)
def test_an_organization_without_assignments_is_told_what_they_are(
    role: Role, words: str, is_offered: bool, client: Client
) -> None:
    client.force_login(make_member(role=role).user)
    answer = client.get(LIST)
    assert words in text(answer)
    assert ("/imports/new/" in links(answer)) is is_offered


@pytest.mark.parametrize(
    ("query", "words"), [("?q=nobody", "No assignment matches"), ("?gap=line_inactive", "No such gap")]
)
def test_an_empty_list_says_what_that_means(
    query: str, words: str, browsing: Client, four: list[Assignment]
) -> None:
    assert words in text(browsing.get(LIST + query))


def test_before_anything_is_judged_the_page_says_so(browsing: Client, member: Membership) -> None:
    make_assignment(synced(member))
    answer = text(browsing.get(LIST))
    assert "1 assignment waits to be judged" in answer
    assert "None is judged yet" in answer


def test_filters_that_are_on_can_be_taken_off_one_by_one(browsing: Client) -> None:
    answer = browsing.get(LIST + "?q=<b>x&state=CA&gap=line_missing")
    chips = {chip.label: chip.url for chip in answer.context["chips"]}
    assert list(chips) == ["“<b>x”", "Gaps in California", "Line missing"]
    assert set(chips.values()) <= set(links(answer))
    assert "<b>x" not in answer.content.decode()


def test_an_address_says_the_same_read_and_written_again() -> None:
    asked = "q=ada&state=CA&gap=line_missing"
    assert query_of(selection_of(QueryDict(asked))) == f"?{asked}"


def test_pages_lead_on_and_back_and_keep_the_filters(browsing: Client, member: Membership) -> None:
    producer = synced(member)
    for _ in range(PAGE + 7):
        make_assignment(producer, states=["TX"])
    judge()
    first = browsing.get(f"{LIST}?state=TX")
    second = browsing.get(LIST + first.context["next_url"])
    cards = [row.card.pk for page in (first, second) for row in page.context["rows"]]
    assert len(cards) == len(set(cards)) == PAGE + 7
    assert second.context["next_url"] is None
    assert "state=TX" in second.context["previous_url"]


def test_the_number_of_queries_does_not_grow_with_the_rows(browsing: Client, member: Membership) -> None:
    for count in (1, 12):
        producers = [synced(member) for _ in range(count)]
        for producer in producers:
            make_assignment(producer, states=["TX", "AK"])
        today = timezone.localdate()
        judge_producers(producer_ids=[one.pk for one in producers], today=today, now=timezone.now())
        with same_number_of_queries("scorecard-list"):
            browsing.get(LIST)


@pytest.mark.parametrize("kind", list(GapKind))
def test_every_gap_has_words_and_a_next_step(kind: GapKind) -> None:
    assert GAP_WORDS[kind]
    for may_prepare in (True, False):
        step = step_of(kind, npn="4711", state="TX", may_prepare=may_prepare)
        assert step.label
        assert step.url.startswith("/producers/4711/")
