"""What the list of licenses tells of fees and profiles, and that its export tells the same."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from muster.access.models import Membership
from muster.audit.models import Event
from muster.core.profile import QUESTIONS
from muster.producers.models import RegistryAddress, RegistryContact
from muster.profiles.operations import Answer, save_answers, save_contact, save_employment
from muster.reports import exporting
from tests.make import make_license, make_line, make_member, make_producer, make_seat, with_ssn
from tests.transactions.acting import demand
from tests.transactions.licensing import set_payment
from tests.web.test_producers import text

pytestmark = pytest.mark.django_db

KNOWN, UNKNOWN = "Renewal Fee, Known Part", "Renewal Fee, Unknown Part"


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def rows_in(answer: HttpResponse | Any) -> list[dict[str, str]]:
    return list(csv.DictReader(answer.getvalue().decode("utf-8-sig").splitlines()))


def contact(producer: Any, kind: str, **over: Any) -> None:
    told = {"organization_id": producer.organization_id, "state": "CA", "kind": kind, "value": "told"}
    RegistryContact.objects.create(producer=producer, **(told | over))


# --- what is missing -------------------------------------------------------------------------------


def everything(member: Membership, **over: Any) -> Any:
    producer = make_producer(
        member.organization, **{"email": "bo@birch.example", **with_ssn("078051120"), **over}
    )
    contact(producer, "phone")
    RegistryAddress.objects.create(producer=producer, organization_id=producer.organization_id, state="CA")
    seat = make_seat(producer)
    job = {"employer": "Elm & Sons", "title": "Clerk", "starts_on": date(2010, 1, 1)}
    save_employment(by=seat, told=job)
    save_answers(by=seat, answers=dict.fromkeys(QUESTIONS, Answer(False)))
    return producer


def missing(browsing: Client) -> str:
    [row] = rows_in(browsing.get("/lists/licenses/export/"))
    return row["Missing in Profile"]


def test_of_a_profile_that_is_whole_nothing_is_missing(browsing: Client, member: Membership) -> None:
    make_license(everything(member))
    assert missing(browsing) == ""
    assert "Off window unknown payer not set Nothing" in text(browsing.get("/licenses/"))


def test_what_nobody_has_told_is_missing(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, email="")
    contact(producer, "phone", gone_at=timezone.now())
    contact(producer, "fax")
    make_license(producer)
    assert missing(browsing) == "Email;Phone;Address;SSN;Not asked for employment and background"
    assert "Email, Phone, Address, SSN Rest not asked" in text(browsing.get("/licenses/"))


def test_what_a_producer_tells_in_the_portal_is_on_file(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, email="", **with_ssn("078051120"))
    make_license(producer)
    seat = make_seat(producer)
    assert missing(browsing) == "Email;Phone;Address;Employment history;Background questions"
    save_contact(by=seat, told={"email": "bo@birch.example", "mobile": "520-555-0180", "line_1": "12 Elm St"})
    save_answers(by=seat, answers={"taxes": Answer(False)})
    assert missing(browsing) == "Employment history;Background questions"


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ({"email": ""}, "Email"),
        ({"ssn_sealed": None}, "SSN"),
        ({"ssn_sealed": None, "kind": "firm"}, ""),
    ],
)
def test_each_fact_counts_alone(
    over: dict[str, Any], told: str, browsing: Client, member: Membership
) -> None:
    make_license(everything(member, **over))
    assert missing(browsing) == told


def test_an_email_that_the_registry_tells_is_on_file(browsing: Client, member: Membership) -> None:
    producer = everything(member, email="")
    contact(producer, "email")
    make_license(producer)
    assert missing(browsing) == ""


def test_licenses_are_filtered_by_what_is_missing(browsing: Client, member: Membership) -> None:
    make_license(everything(member), number="WHOLE")
    make_license(everything(member, email=""), number="NO-EMAIL")
    for query, expected in (("missing:has:email", "NO-EMAIL"), ("missing:empty", "WHOLE")):
        found = browsing.get(f"/licenses/?where={query}").context["lines"]
        assert [line.license.number for line in found] == [expected]


def test_what_is_not_asked_for_is_said_plainly(browsing: Client, member: Membership) -> None:
    make_license(everything(member))
    plainly = "of a producer without a seat there, they are not known."
    assert plainly in text(browsing.get("/licenses/"))
    assert plainly not in text(browsing.get("/licenses/?columns=state,producer"))


# --- the export ------------------------------------------------------------------------------------


def test_the_export_tells_the_renewal_fee_with_the_unknown_apart(
    browsing: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_A_TIME", 2)
    demand(member.organization, registry_fee=560)
    producer = make_producer(member.organization, last_name="=Núñez")
    set_payment(producer, renewal_paid_by="producer")
    for number, state, over in (
        ("1", "TX", {}),
        ("2", "MT", {}),
        ("3", "TX", {"expires_on": None}),
    ):
        one = make_license(
            producer, state, number=number, **{"residency": "NR", "expires_on": in_days(30), **over}
        )
        make_line(one, "Life")
    told = {row["License Number"]: row for row in rows_in(browsing.get("/lists/licenses/export/"))}
    assert {number: (row[KNOWN], row[UNKNOWN]) for number, row in told.items()} == {
        "1": ("55.60", "No"),
        "2": ("5.60", "Yes"),
        "3": ("", ""),
    }
    assert {row["Renewal Paid By"] for row in told.values()} == {"Producer"}
    assert {row["Lines"] for row in told.values()} == {"1"}
    assert all(row["Related Producer"].startswith("'=") for row in told.values())
    data = Event.objects.get(kind="report:export").data
    assert (data["rows"], data["columns"][-2:]) == (3, [KNOWN, UNKNOWN])


def test_a_column_that_is_not_shown_is_not_exported(browsing: Client, member: Membership) -> None:
    make_license(make_producer(member.organization))
    [row] = rows_in(browsing.get("/lists/licenses/export/?columns=state,number"))
    assert KNOWN not in row


def test_the_export_asks_no_more_of_the_database_for_more_rows(
    browsing: Client, member: Membership, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        make_line(make_license(make_producer(member.organization), "TX", expires_on=in_days(30)))
    with django_assert_max_num_queries(16):
        assert len(rows_in(browsing.get("/lists/licenses/export/"))) == 12
