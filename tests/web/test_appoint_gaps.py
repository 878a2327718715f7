"""Appointing from the gaps of scorecards: one at its next step, and all that a list holds."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.bulk.models import Operation, OperationState
from muster.console.appointing import gaps
from muster.console.scorecards.address import selection_of
from muster.console.scorecards.steps import Lacking, step_of
from muster.core.scorecard import GapKind
from muster.imports.gaps import requests_for_gaps
from muster.producers.models import Producer
from muster.scorecards.operations import sweep
from muster.scorecards.queries import Selection
from muster.transactions.models import Transaction
from tests.make import (
    make_appointment,
    make_assignment,
    make_license,
    make_line,
    make_member,
    make_organization,
)
from tests.transactions.appointing import CLASS, make_californian, make_carrier_desk, make_synced
from tests.web.import_makers import finish
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

LIST, CONFIRM = "/scorecards/", "/scorecards/appoint/"
LACKING = "?gap=appointment_missing"


@pytest.fixture
def member() -> Membership:
    return make_carrier_desk(name="Robin Field")[0]


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def judge() -> None:
    now = timezone.now()
    sweep(today=timezone.localdate(now), now=now)


def meant(producer: Producer, **over: Any) -> Producer:
    """A producer who is meant to sell life and health in California for the company."""
    asked = {
        "categories": ["life", "health"],
        "states": ["CA"],
        "cocodes": ["90101"],
        "scorecard_type": "license_and_appointment",
        **over,
    }
    make_assignment(producer, **asked)
    return producer


def asked(member: Membership, selection: Selection | None = None) -> list[tuple[Any, ...]]:
    """What would be requested: NPN, states, companies, categories."""
    found = requests_for_gaps(member, selection or Selection(), today=timezone.localdate())
    return [(one.npn, one.states, one.cocodes, one.categories) for one in found]


def check(browsing: Client, query: str = LACKING, **form: Any) -> Operation:
    """Confirm, and let the worker check."""
    answer = browsing.post(CONFIRM + query, {"operation": uuid4(), **form})
    operation = Operation.objects.get()
    assert answer["Location"] == reverse("import-detail", args=[operation.pk])
    return finish(operation)


@pytest.mark.parametrize("kind", [GapKind.APPOINTMENT_MISSING, GapKind.APPOINTMENT_ENDED])
def test_the_next_step_leads_to_the_page_appoint_with_what_is_lacking_picked(kind: GapKind) -> None:
    of = Lacking(["life", "health"], ["90101"], "producer")
    step = step_of(kind, npn="4711", state="TX", of=of, may_prepare=True)
    again = " again" if kind is GapKind.APPOINTMENT_ENDED else ""
    assert step.label == f"Appoint{again} in Texas"
    assert step.url == "/producers/4711/appoint/?state=TX&company=90101&category=life&category=health"


def test_lists_and_producer_pages_lead_there_those_who_prepare_filings(
    client: Client, member: Membership
) -> None:
    producer = meant(make_californian(member, lines=[0]))
    judge()
    of_list = f"/producers/{producer.npn}/appoint/?state=CA&company=90101&category=life&category=health"
    # The page of the producer knows that the line of health is missing.
    of_page = f"/producers/{producer.npn}/appoint/?state=CA&company=90101&category=life"
    for role, is_led in (Role.SPECIALIST, True), (Role.SUBMITTER, False):
        client.force_login(make_member(member.organization, role).user)
        assert (of_list in links(client.get(LIST))) is is_led
        assert (of_page in links(client.get(f"/producers/{producer.npn}/"))) is is_led
        assert ("Have it appointed in California" in text(client.get(LIST))) is not is_led


def test_only_what_lacks_nothing_but_the_appointment_is_requested(member: Membership) -> None:
    whole = meant(make_californian(member))
    one_line = meant(make_californian(member, lines=[0]))
    meant(make_californian(member, lines=[]))  # holds no line of it
    meant(make_synced(member))  # holds no license
    half = meant(make_californian(member))
    make_appointment(half, "CA", line_name="Life", line_code="9101")
    ended = meant(make_californian(member, lines=[0]), categories=["life"])
    make_appointment(ended, "CA", line_name="Life", line_code="9101", status="Terminated")
    judge()
    assert asked(member) == [
        (whole.npn, ["CA"], ["90101"], ("life", "health")),
        (one_line.npn, ["CA"], ["90101"], ("life",)),
        (half.npn, ["CA"], ["90101"], ("health",)),
    ]


def test_several_assignments_and_companies_of_a_producer_come_together(member: Membership) -> None:
    producer = meant(make_californian(member), cocodes=["90101", "90102"])
    meant(producer, categories=["life"], cocodes=["90103"])
    meant(producer, categories=["health"])
    make_line(make_license(producer, "TX", **CLASS), "Life")
    meant(producer, states=["TX"], categories=["life"])
    judge()
    assert asked(member) == [
        (producer.npn, ["CA"], ["90101", "90102"], ("life", "health")),
        (producer.npn, ["CA"], ["90103"], ("life",)),
        (producer.npn, ["TX"], ["90101"], ("life",)),
    ]


def test_the_list_says_which_gaps_are_meant(browsing: Client, member: Membership) -> None:
    ada = meant(make_californian(member))
    make_line(make_license(ada, "TX", **CLASS), "Life")
    meant(ada, states=["TX"], categories=["life"])
    bo = meant(make_californian(member))
    judge()
    for query, npns in [
        ("", [ada.npn, ada.npn, bo.npn]),
        ("&state=TX", [ada.npn]),
        (f"&q={bo.npn}", [bo.npn]),
    ]:
        page = browsing.get(LIST + LACKING + query)
        noun = "gap" if len(npns) == 1 else "gaps"
        assert f"Appoint {len(npns)} {noun}" in text(page)
        [confirm] = [one for one in links(page) if one.startswith(CONFIRM)]
        answer = browsing.get(confirm)
        assert f"Prepare appointments for {len(npns)} {noun}" in text(answer)
        assert answer.context["requests"] == len(npns)
        selection = selection_of(QueryDict(answer.context["here"].removeprefix("?")))
        assert [npn for npn, *_ in asked(member, selection)] == npns


@pytest.mark.parametrize("query", ["", "?gap=line_missing"])
def test_nothing_is_offered_on_other_lists(query: str, browsing: Client, member: Membership) -> None:
    meant(make_californian(member, lines=[0]))
    judge()
    assert CONFIRM not in browsing.get(LIST + query).content.decode()


def test_the_confirmation_tells_what_it_would_come_to_and_makes_nothing(
    browsing: Client, member: Membership
) -> None:
    for _ in range(2):
        meant(make_californian(member, lines=[0, 1]))
    judge()
    answer = text(browsing.get(CONFIRM + LACKING))
    assert "2 requests for 2 producers" in answer
    assert "8 transactions would be made" in answer
    assert "Ready to Submit 4 Not Eligible 4" in answer
    assert "Check 2 requests" in answer
    assert not Operation.objects.exists()


def test_one_operation_goes_through_the_check_page(browsing: Client, member: Membership) -> None:
    for _ in range(3):
        meant(make_californian(member))
    judge()
    operation = check(browsing)
    assert operation.state == OperationState.READY
    assert operation.rows == 3
    assert not Transaction.objects.exists()
    page = text(browsing.get(reverse("import-detail", args=[operation.pk])))
    assert "Appoint: 3 requests" in page
    assert "Request 12 transactions" in page
    browsing.post(reverse("import-process", args=[operation.pk]))
    finish(operation)
    assert Transaction.objects.filter(status="ready").count() == 12
    # They are prepared: nothing is left to ask for twice.
    answer = text(browsing.get(CONFIRM + LACKING))
    assert "No transaction would be made" in answer


def test_states_that_ask_for_more_are_told_and_a_type_is_chosen_for_all(
    browsing: Client, member: Membership
) -> None:
    producer = make_synced(member)
    for state in ("FL", "SC"):
        make_line(make_license(producer, state, **CLASS), "Life")
    meant(producer, states=["FL", "SC"], categories=["life"])
    judge()
    answer = text(browsing.get(CONFIRM + LACKING))
    assert "2 requests are refused as they stand" in answer
    assert "Florida needs a county of each" in answer
    assert "Appointment type, for South Carolina" in answer
    operation = check(browsing, appointment_type="general")
    assert operation.preview["rejected"] == 1
    page = text(browsing.get(reverse("import-detail", args=[operation.pk])))
    assert "Florida needs a county, and none is named." in page
    assert "Download the 1 row that needs mending" in page


def test_many_gaps_are_told_by_the_check_page_alone(
    browsing: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gaps, "MOST_FORESEEN", 1)
    for _ in range(2):
        meant(make_californian(member))
    judge()
    answer = browsing.get(CONFIRM + LACKING)
    assert "What they come to is told on the check page." in text(answer)
    assert "Appointment type, for South Carolina" in text(answer)
    assert check(browsing).rows == 2


def test_too_many_gaps_are_not_taken_in_at_once(
    browsing: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gaps, "MOST_AT_ONCE", 1)
    for _ in range(2):
        meant(make_californian(member))
    judge()
    for answer in browsing.get(CONFIRM + LACKING), browsing.post(CONFIRM + LACKING, {"operation": uuid4()}):
        assert "More than 1 gaps match" in text(answer)
    assert not Operation.objects.exists()


def test_gaps_that_were_closed_since_are_not_asked_for(browsing: Client, member: Membership) -> None:
    producer = meant(make_californian(member, lines=[0]), categories=["life"])
    judge()
    make_appointment(producer, "CA", line_name="Life", line_code="9101")
    assert "These gaps have been closed since" in text(browsing.get(CONFIRM + LACKING))
    answer = browsing.post(CONFIRM + LACKING, {"operation": uuid4()}, follow=True)
    assert "Nothing to appoint: these gaps have been closed since." in text(answer)
    assert not Operation.objects.exists()


def test_without_gaps_the_page_says_so(browsing: Client) -> None:
    assert "No such gap" in text(browsing.get(CONFIRM + LACKING))


def test_gaps_of_others_stay_theirs(browsing: Client, member: Membership) -> None:
    other, _ = make_carrier_desk(organization=make_organization())
    meant(make_californian(other))
    meant(make_californian(member))
    judge()
    assert len(asked(member)) == 1
    client = Client()
    client.force_login(other.user)
    operation_id = uuid4()
    client.post(CONFIRM + LACKING, {"operation": operation_id})
    assert browsing.post(CONFIRM + LACKING, {"operation": operation_id}).status_code == 404
    assert browsing.post(CONFIRM + LACKING, {"operation": "none"}).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_producers(member: Membership) -> None:
    made = []
    for count in (1, 6):
        for _ in range(count):
            meant(make_californian(member))
        judge()
        with CaptureQueriesContext(connection) as queries:
            assert asked(member)
        made.append(len(queries))
    assert made[0] == made[1]
