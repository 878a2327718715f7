"""Requesting appointments by the API: the same verdicts as everywhere, and nothing twice."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connection

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.appointments.models import Appointment
from muster.bulk.models import Item, Operation
from muster.history.models import Change, Source
from muster.transactions.models import Transaction
from tests.api.programs import API, Program, body_of, make_secret, problem_of, request_of, see_through
from tests.make import make_business_rule, make_company_state, make_license, make_line, make_member
from tests.transactions.appointing import SENTENCE, make_californian, make_carrier_desk, make_synced, told

PATH = "/appointment-requests"


@pytest.fixture
def member(db: None) -> Membership:
    return make_carrier_desk()[0]


@pytest.fixture
def program(member: Membership) -> Program:
    return Program(member)


def test_life_and_health_in_california_come_to_four_transactions_each_with_its_verdict(
    member: Membership, program: Program
) -> None:
    producer = make_californian(member, lines=(0, 1))
    answer = program.post(PATH, body_of(request_of(producer)))
    assert answer.status_code == 202
    operation = see_through(answer)
    assert told(producer) == [
        ("Life", "ready", ""),
        (SENTENCE, "ready", ""),
        ("Health and Sickness (excluding Disability)", "not_eligible", "line_not_held"),
        ("Part-Time Fraternal", "not_eligible", "line_not_held"),
    ]
    results = program.get(f"/operations/{operation.pk}/results").json()["results"]
    assert [(one["line"], one["status"], one["reason_label"]) for one in results[0]["transactions"]] == [
        ("Life", "ready", "In Good Standing"),
        (SENTENCE, "ready", "In Good Standing"),
        ("Health and Sickness (excluding Disability)", "not_eligible", "Required License Not Found"),
        ("Part-Time Fraternal", "not_eligible", "Required License Not Found"),
    ]


def test_the_operation_tells_how_far_it_is_until_it_is_done(member: Membership, program: Program) -> None:
    producer = make_californian(member)
    begun = program.post(PATH, body_of(request_of(producer))).json()["operation"]
    assert (begun["state"], begun["done"], begun["transactions"]) == ("checking", False, {})
    path = begun["url"].removeprefix(API)
    assert program.get(path).json()["done"] is False
    see_through(program.post(PATH, body_of(request_of(make_californian(member)))))
    operation = Operation.objects.get(pk=begun["id"])
    see_through_it(operation)
    ended = program.get(path).json()
    assert (ended["state"], ended["done"]) == ("done", True)
    assert ended["transactions"] == {"ready": 4}
    assert ended["outcomes"]["created"] == 1
    assert ended["counts"] == {"rows": 1, "blank": 0, "done": 1, "total": 1}
    assert ended["finished_at"] is not None


def see_through_it(operation: Operation) -> None:
    from muster.bulk.runner import run

    run(operation.pk)


def test_what_cannot_be_done_is_told_row_by_row_with_what_to_do(member: Membership, program: Program) -> None:
    good = make_californian(member)
    operation = see_through(
        program.post(
            PATH,
            body_of(
                request_of(good, reference="policy 7"),
                request_of(good, npn="999", reference="policy 8"),
                request_of(good, states=["Calif."]),
                request_of(good, states=["FL"]),
            ),
        )
    )
    body = program.get(f"/operations/{operation.pk}/results").json()
    assert [one["outcome"] for one in body["results"]] == ["created", "rejected", "rejected", "rejected"]
    assert [one["reference"] for one in body["results"]] == ["policy 7", "policy 8", "", ""]
    assert [[found["code"] for found in one["findings"]] for one in body["results"]] == [
        [],
        ["APP-E001"],
        ["STATE-E002"],
        ["APP-E004"],
    ]
    assert "Onboard the producer first" in body["results"][1]["findings"][0]["fix"]
    assert body["results"][0]["message"].startswith("GT-00000001 to GT-00000004: 4 Ready to Submit")
    summary = program.get(f"/operations/{operation.pk}").json()
    assert summary["state"] == "done_with_failures"
    assert {(one["code"], one["count"]) for one in summary["findings"]} == {
        ("APP-E001", 1),
        ("STATE-E002", 1),
        ("APP-E004", 1),
    }


def test_results_come_a_page_at_a_time(member: Membership, program: Program) -> None:
    producers = [make_californian(member, lines=(0,)) for _ in range(5)]
    operation = see_through(program.post(PATH, body_of(*map(request_of, producers))))
    rows, after, pages = [], 0, 0
    while after is not None:
        page = program.get(f"/operations/{operation.pk}/results", {"after": after, "limit": 2}).json()
        rows += [one["row"] for one in page["results"]]
        after, pages = page["next"], pages + 1
    assert (rows, pages) == ([1, 2, 3, 4, 5], 3)


def test_everything_that_a_request_may_say_reaches_its_cells(member: Membership, program: Program) -> None:
    producer = make_californian(member)
    asked = request_of(
        producer,
        agent_type="producer",
        submit=True,
        submit_just_in_time=True,
        county="Orange",
        appointment_type="general",
        effective_on="2026-12-01",
        left_out=["Life", "Part-Time Fraternal"],
        reference="batch 12",
    )
    operation = see_through(program.post(PATH, body_of(asked)))
    data = Item.objects.get(operation=operation).data
    assert {name: data[name] for name in asked if name in data} == {
        name: value for name, value in asked.items() if name != "reference"
    }
    assert data["source"] == "batch 12"
    assert Transaction.objects.filter(line_name="Life").count() == 0


def test_changes_say_that_they_came_by_the_api(member: Membership, program: Program) -> None:
    producer = make_synced(member)
    license = make_license(producer, "AZ")
    make_line(license, "Life")
    make_business_rule(member.organization, "AZ")
    make_company_state(member.organization.companies.get(), "AZ")
    operation = see_through(
        program.post(PATH, body_of(request_of(producer, states=["AZ"], categories=["life"])))
    )
    assert Appointment.objects.get(producer=producer).origin == "internal"
    change = Change.objects.get(kind="appointment")
    assert (change.source, change.by_id, change.operation_id) == (
        Source.API.value,
        member.user_id,
        operation.pk,
    )


def test_the_same_key_with_the_same_body_is_the_same_operation(member: Membership, program: Program) -> None:
    body = body_of(request_of(make_californian(member)))
    first = program.post(PATH, body, key="monday")
    again = program.post(PATH, json.dumps(body, indent=2), key="monday")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["operation"]["id"] == again.json()["operation"]["id"]
    see_through(first)
    done = program.post(PATH, body, key="monday")
    assert (done.status_code, done.json()["operation"]["done"]) == (200, True)
    assert Operation.objects.count() == 1
    assert Transaction.objects.count() == 4


def test_the_same_key_with_another_body_is_refused(member: Membership, program: Program) -> None:
    producer = make_californian(member)
    program.post(PATH, body_of(request_of(producer)), key="monday")
    answer = program.post(PATH, body_of(request_of(producer, categories=["life"])), key="monday")
    assert answer.status_code == 409
    assert problem_of(answer)["code"] == "key_used"
    assert Operation.objects.count() == 1


def test_the_same_key_of_two_organizations_is_two_operations(program: Program, member: Membership) -> None:
    other = make_carrier_desk()[0]
    body = body_of(request_of(make_californian(member)))
    mine = program.post(PATH, body, key="monday").json()["operation"]["id"]
    its = Program(other).post(PATH, body, key="monday").json()["operation"]["id"]
    assert mine != its


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", [True, False])
def test_two_at_once_under_one_key_start_one_operation(same: bool) -> None:
    member = make_carrier_desk()[0]
    producer = make_californian(member)
    secret = make_secret(member)
    bodies = [body_of(request_of(producer)), body_of(request_of(producer))]
    if not same:
        bodies[1] = body_of(request_of(producer, categories=["life"]))
    together = threading.Barrier(2)
    answers: list[Any] = []

    def post(body: dict[str, Any]) -> None:
        try:
            together.wait()
            answers.append(Program(secret=secret).post(PATH, body, key="monday"))
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.status_code for one in answers) == ([202, 202] if same else [202, 409])
    assert Operation.objects.count() == 1


@pytest.mark.parametrize(
    ("key", "field"), [("", "Idempotency-Key"), ("x" * 201, "Idempotency-Key"), (" ", "Idempotency-Key")]
)
def test_a_key_that_is_none_is_refused(member: Membership, program: Program, key: str, field: str) -> None:
    answer = program.post(PATH, body_of(request_of(make_californian(member))), key=key)
    assert answer.status_code == 422
    assert problem_of(answer)["details"][0]["field"] == field


def test_without_a_key_nothing_begins(member: Membership) -> None:
    program = Program(member)
    answer = program.client.post(
        API + PATH,
        json.dumps(body_of(request_of(make_californian(member)))),
        content_type="application/json",
        headers=program.headers,
    )
    assert answer.status_code == 422
    assert problem_of(answer)["details"][0]["field"] == "Idempotency-Key"
    assert not Operation.objects.exists()


GOOD = {"npn": "1001", "states": ["CA"], "cocodes": ["90101"], "categories": ["life"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "requests"),
        ({"requests": []}, "requests"),
        ({"requests": {}}, "requests"),
        ([GOOD], "body"),
        (None, "body"),
        ({"requests": [GOOD], "more": 1}, "more"),
        (body_of({**GOOD, "npn": 1001}), "requests[0].npn"),
        (body_of({**GOOD, "npn": None}), "requests[0].npn"),
        (body_of({**GOOD, "npn": "9" * 201}), "requests[0].npn"),
        (body_of({**GOOD, "npn": "1\x002"}), "requests[0].npn"),
        (body_of({**GOOD, "states": "CA"}), "requests[0].states"),
        (body_of({**GOOD, "states": []}), "requests[0].states"),
        (body_of(GOOD, {**GOOD, "categories": ["life", 7]}), "requests[1].categories[1]"),
        (body_of({**GOOD, "state": ["CA"]}), "requests[0].state"),
        (body_of({**GOOD, "submit": "maybe"}), "requests[0].submit"),
        (body_of(*[GOOD] * 5_001), "requests"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_with_the_place(
    program: Program, body: Any, field: str
) -> None:
    answer = program.post(PATH, "null" if body is None else body)
    assert answer.status_code == 422, answer.content
    assert problem_of(answer)["details"][0]["field"] == field
    assert not Operation.objects.exists()


def test_as_many_requests_as_are_allowed_are_taken(program: Program) -> None:
    answer = program.post(PATH, body_of(*[{**GOOD, "npn": str(1_000 + number)} for number in range(5_000)]))
    assert answer.status_code == 202
    assert answer.json()["operation"]["counts"]["rows"] == 5_000


def test_submitting_without_the_right_waits_for_somebody_who_has_it(member: Membership) -> None:
    specialist = make_member(member.organization, Role.SPECIALIST)
    program = Program(specialist)
    operation = see_through(program.post(PATH, body_of(request_of(make_californian(member), submit=True))))
    assert not Transaction.objects.filter(released_at__isnull=False).exists()
    assert "APP-W002" in {
        one["code"] for one in program.get(f"/operations/{operation.pk}").json()["findings"]
    }
