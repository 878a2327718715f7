"""Eligibility and authority by the API: what would be, and what may be, with why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.access.models import Membership
from muster.bulk.models import Operation
from muster.producers.models import Producer
from muster.transactions.models import AuthorityAnswer, Transaction
from tests.api.programs import Program, body_of, problem_of, request_of, see_through
from tests.make import make_appointment
from tests.transactions.appointing import SENTENCE, make_californian, make_carrier_desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return make_carrier_desk()[0]


@pytest.fixture
def program(member: Membership) -> Program:
    return Program(member)


@pytest.fixture
def producer(member: Membership) -> Producer:
    return make_californian(member, lines=(0, 1))


def about(producer: Producer, **over: Any) -> dict[str, Any]:
    return {"npn": producer.npn, "state": "CA", "cocode": "90101", **over}


# --- eligibility -----------------------------------------------------------------------------------


def test_what_if_tells_the_verdict_on_every_line(program: Program, producer: Producer) -> None:
    body = program.get("/eligibility", about(producer, category=["life", "health"])).json()
    assert [(one["line"], one["status"], one["reason_label"]) for one in body["lines"]] == [
        ("Life", "ready", "In Good Standing"),
        (SENTENCE, "ready", "In Good Standing"),
        ("Health and Sickness (excluding Disability)", "not_eligible", "Required License Not Found"),
        ("Part-Time Fraternal", "not_eligible", "Required License Not Found"),
    ]
    assert (body["eligible"], body["findings"], body["unchanged"]) == (2, [], False)
    license = producer.licenses.get()
    assert body["lines"][0]["license_number"] == license.number
    assert body["lines"][2]["fees"] == {"state": 0, "registry": 0}
    assert len(body["rules_version"]) == 12


def test_what_if_writes_nothing(program: Program, producer: Producer) -> None:
    program.get("/eligibility", about(producer, category="life"))
    assert not Operation.objects.exists()
    assert not Transaction.objects.exists()


def test_what_if_says_what_is_then_written(program: Program, member: Membership, producer: Producer) -> None:
    asked = about(producer, category=["life", "health"])
    foreseen = program.get("/eligibility", asked).json()["lines"]
    see_through(program.post("/appointment-requests", body_of(request_of(producer))))
    written = program.get("/transactions").json()["transactions"]
    same = ("line", "status", "reason", "license_number", "fees", "categories")
    assert [{key: one[key] for key in same} for one in foreseen] == [
        {key: one[key] for key in same} for one in written
    ]
    again = program.get("/eligibility", asked).json()
    assert again["unchanged"] is True


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"npn": "999"}, "APP-E001"),
        ({"npn": "12a"}, "NPN-E001"),
        ({"state": "FL"}, "APP-E004"),
        ({"state": "SC"}, "APP-E005"),
        ({"state": "Calif."}, "STATE-E002"),
        ({"category": "Moon travel"}, "APP-E007"),
        ({"effective_on": "yesterday"}, "DATE-E001"),
    ],
)
def test_what_if_refuses_what_a_request_would_be_refused_for(
    program: Program, producer: Producer, over: dict[str, str], code: str
) -> None:
    body = program.get("/eligibility", about(producer, category="life") | over).json()
    assert code in {one["code"] for one in body["findings"]}
    assert body["lines"] == []


def test_what_if_without_a_category_asks_for_one(program: Program, producer: Producer) -> None:
    answer = program.get("/eligibility", about(producer))
    assert answer.status_code == 422
    assert problem_of(answer)["details"][0]["field"] == "category"


# --- authority -------------------------------------------------------------------------------------


def test_authority_says_no_and_why(program: Program, producer: Producer) -> None:
    body = program.get("/authority", about(producer, line="Life")).json()
    assert (body["may_sell"], body["reason"]) == (False, "not_appointed")
    assert body["message"] == (
        "Northstar Life Insurance Company has not appointed the producer in California for Life."
    )
    assert body["license"]["number"] == producer.licenses.get().number
    assert body["fresh_as_of"] is not None


def test_authority_says_yes_and_on_what_it_rests(program: Program, producer: Producer) -> None:
    make_appointment(producer, line_code="9101")
    body = program.get("/authority", about(producer, line="9101")).json()
    assert (body["may_sell"], body["reason"]) == (True, "appointed")
    assert (body["line"], body["appointment"]["line_name"]) == ({"code": "9101", "name": "Life"}, "Life")


def test_an_answer_is_had_again_by_its_id_whatever_happened_since(
    program: Program, producer: Producer
) -> None:
    appointment = make_appointment(producer, line_code="9101")
    told = program.get("/authority", about(producer, line="Life")).json()
    appointment.delete()
    producer.licenses.all().delete()
    again = program.get(f"/authority/{told['id']}").json()
    facts = again.pop("facts")
    assert again == told
    assert facts["licenses"][0]["number"] == told["license"]["number"]
    assert program.get("/authority", about(producer, line="Life")).json()["may_sell"] is False
    assert AuthorityAnswer.objects.count() == 2


def test_an_answer_that_was_never_given_is_not_found(program: Program) -> None:
    assert program.get(f"/authority/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    ("line", "line_told", "category"),
    [
        ("life", "", "life"),
        ("Life", "Life", ""),
        ("LIFE", "LIFE", ""),
        ("Health", "", "health"),
        ("Personal-Lines", "", "personal_lines"),
        ("surplus  lines", "surplus lines", ""),
        ("Moon travel", "Moon travel", ""),
    ],
)
def test_a_text_is_a_category_or_a_line(
    program: Program, producer: Producer, line: str, line_told: str, category: str
) -> None:
    asked = program.get("/authority", about(producer, line=line)).json()["asked"]
    assert (asked["line"], asked["category"]) == (line_told, category)


def test_only_today_can_be_asked_about(program: Program, producer: Producer) -> None:
    today = timezone.localdate()
    asked = about(producer, line="Life")
    assert program.get("/authority", {**asked, "on": today.isoformat()}).status_code == 200
    answer = program.get("/authority", {**asked, "on": (today - timedelta(days=1)).isoformat()})
    assert answer.status_code == 422
    assert "Only today" in problem_of(answer)["message"]


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"npn": "1.5"}, "npn"),
        ({"state": "Calif."}, "state"),
        ({"cocode": "ABC"}, "cocode"),
        ({"line": " "}, "line"),
        ({"agent_type": "pilot"}, "agent_type"),
        ({"on": "today"}, "on"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    program: Program, producer: Producer, over: dict[str, str], field: str
) -> None:
    answer = program.get("/authority", about(producer, line="Life") | over)
    assert answer.status_code == 422
    assert problem_of(answer)["details"][0]["field"] == field
    assert not AuthorityAnswer.objects.exists()


def test_a_cocode_that_lost_its_zeros_is_filled_up(program: Program, producer: Producer) -> None:
    assert program.get("/authority", about(producer, line="Life", cocode="101")).json()["asked"][
        "cocode"
    ] == ("00101")


def test_a_question_takes_three_statements(program: Program, producer: Producer) -> None:
    asked = about(producer, line="Life")
    program.get("/authority", asked)
    with CaptureQueriesContext(connection) as made:
        program.get("/authority", asked)
    # One for the token, one for all that is known, and one that keeps the answer.
    assert len(made) == 3, "\n".join(one["sql"] for one in made)
