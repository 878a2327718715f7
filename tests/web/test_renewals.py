"""Appointments that might end before they are renewed: which are listed, why, and what is saved."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.appointments.models import Appointment
from muster.bulk.models import Operation
from muster.producers.models import Producer
from tests.bulk.uploads import check_file, codes
from tests.make import (
    make_appointment,
    make_assignment,
    make_company,
    make_license,
    make_member,
    make_producer,
    make_transaction,
)
from tests.transactions.acting import finish
from tests.web.reading import text

pytestmark = pytest.mark.django_db

YEAR = {"days": "365"}
"""Within a year each state that renews yearly has its turn, on whatever day the test runs."""

LOST = {"health": "at_risk", "risks": ["license_expired"]}


@pytest.fixture
def member() -> Membership:
    made = make_member()
    make_company(made.organization)
    return made


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


@pytest.fixture
def producer(member: Membership) -> Producer:
    return make_producer(member.organization, last_name="Alder")


def listed(browsing: Client, **asked: str) -> str:
    return text(browsing.get(reverse("renewal-list"), YEAR | asked))


def exported(browsing: Client, **asked: str) -> list[dict[str, str]]:
    answer = browsing.get(reverse("renewal-export"), YEAR | asked)
    told = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(StringIO(told)))


def test_a_lost_license_is_a_reason_and_the_fee_is_told(browsing: Client, producer: Producer) -> None:
    make_appointment(producer, "NM", **LOST)
    make_appointment(producer, "WI")
    told = listed(browsing)
    assert "1 appointment whose renewal costs $20.00" in told
    assert "License or line lost" in told
    assert "You keep no assignments, so nobody can tell who is not assigned." in told


def test_who_is_not_assigned_for_state_and_company_is_listed(browsing: Client, producer: Producer) -> None:
    for state in ("NM", "WI", "IA"):
        make_appointment(producer, state)
    make_assignment(producer, states=["NM", "CA"])
    make_assignment(producer, states=["WI"], cocodes=["90102"])
    make_assignment(producer, states=["IA"], ends_on=date(2020, 1, 1))
    rows = exported(browsing)
    assert {row["State Code"]: row["Not Assigned"] for row in rows} == {"WI": "yes", "IA": "yes"}


def test_business_that_was_never_marked_is_a_reason_and_unknown_is_none(
    browsing: Client, producer: Producer
) -> None:
    filed = {"status": "accepted", "just_in_time": True}
    for state, business in (("NM", None), ("WI", date(2026, 1, 2))):
        one = make_appointment(producer, state)
        where = {"line_code": one.line_code, "line_name": one.line_name}
        make_transaction(producer, state, **filed, **where, first_business_on=business)
    make_appointment(producer, "ND")
    rows = exported(browsing)
    assert [(row["State Code"], row["No Business Marked"]) for row in rows] == [("NM", "yes")]
    make_assignment(make_producer(producer.organization))
    told = {row["State Code"]: row["No Business Marked"] for row in exported(browsing)}
    assert told == {"NM": "yes", "WI": "no", "ND": "unknown"}


def test_what_needs_no_renewal_or_has_ended_is_not_listed(browsing: Client, producer: Producer) -> None:
    make_appointment(producer, "TX", **LOST)
    make_appointment(producer, "ME", **LOST)
    make_appointment(producer, "NM", **LOST, status="Terminated")
    make_appointment(producer, "WI", **LOST, origin="internal")
    make_appointment(make_producer(make_member().organization), "NM", **LOST)
    told = listed(browsing)
    assert "Nothing to end" in told
    assert "Maine" in told


def test_a_fee_counts_once_for_a_producer_unless_it_is_for_each_line(
    browsing: Client, producer: Producer
) -> None:
    make_license(producer, "WI", residency="R")
    for state in ("WI", "NM", "AL"):
        for line in ("Life", "Health"):
            make_appointment(producer, state, line_name=line, line_code=line, **LOST)
    assert "6 appointments whose renewal costs" in listed(browsing)
    assert "2 appointments match whose renewal costs $16.00" in listed(browsing, state="WI")
    assert "2 appointments match whose renewal costs $40.00" in listed(browsing, state="NM")


def test_a_fee_that_hangs_on_an_unknown_home_state_is_unknown(browsing: Client, producer: Producer) -> None:
    make_appointment(producer, "IA", **LOST)
    assert "1 appointment whose renewal costs unknown" in listed(browsing)
    assert exported(browsing)[0]["Renewal Fee"] == "unknown"


def test_the_file_goes_in_as_an_upload_of_terminations(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    make_appointment(producer, "AR", **LOST)
    content = b"".join(browsing.get(reverse("renewal-export"), YEAR).streaming_content)  # type: ignore[attr-defined]
    operation = check_file(member, content, kind="terminate")
    assert operation.rows == 1
    assert {code for _, code in codes(operation)} == {"COL-I001", "TERM-W005"}


def test_ticks_and_all_that_match_lead_to_the_page_that_asks(browsing: Client, producer: Producer) -> None:
    for state in ("NM", "WI"):
        make_appointment(producer, state, **LOST)
    url = reverse("renewal-terminate")
    one = Appointment.objects.get(state="NM")
    answer = browsing.post(url, {"number": [str(one.pk)]})
    assert "1 appointment selected" in text(browsing.get(answer["Location"]))
    answer = browsing.post(f"{url}?days=365", {"all": "yes"})
    operation = finish(Operation.objects.get(pk=answer["Location"].split("/")[2]))
    assert (operation.rows, operation.kind) == (2, "terminate-appointments")
    assert "Tick the appointments first" in text(browsing.post(url, follow=True))


def test_who_only_reads_is_offered_no_button(client: Client, producer: Producer) -> None:
    make_appointment(producer, "NM", **LOST)
    client.force_login(make_member(producer.organization, Role.VIEWER).user)
    told = text(client.get(reverse("renewal-list"), YEAR))
    assert "License or line lost" in told
    assert "Terminate" not in told


def test_the_appointment_with_the_company_of_somebody_else_is_not_listed(
    browsing: Client, producer: Producer
) -> None:
    make_appointment(producer, "AR", cocode="90199", **LOST)
    assert "0 appointments" in listed(browsing)


@pytest.mark.parametrize("query", [{"state": "XX"}, {"why": "nonsense"}])
def test_a_filter_that_means_nothing_lists_nothing(
    query: dict[str, str], browsing: Client, producer: Producer
) -> None:
    make_appointment(producer, "AR", **LOST)
    assert "1 appointment" in listed(browsing)
    assert "0 appointments match" in listed(browsing, **query)
