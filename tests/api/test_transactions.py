"""Transactions by the API: the list, one with why, what is done with it, and the first business."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.carriers.models import CompanyState, FilingSettings
from muster.history.models import Source
from muster.producers.models import Producer
from muster.transactions.models import StatusChange, Transaction
from tests.api.programs import API, Program, body_of, problem_of, request_of, see_through
from tests.make import make_producer, make_transaction
from tests.transactions.appointing import make_californian, make_carrier_desk

pytestmark = pytest.mark.django_db
WHY = {"reason": "asked for twice"}


@pytest.fixture
def member() -> Membership:
    return make_carrier_desk()[0]


@pytest.fixture
def program(member: Membership) -> Program:
    return Program(member)


@pytest.fixture
def producer(member: Membership) -> Producer:
    return make_producer(member.organization)


def numbers(program: Program, **query: Any) -> list[str]:
    return [one["number"] for one in program.get("/transactions", query).json()["transactions"]]


def told(one: Transaction) -> str:
    return f"GT-{one.number:08d}"


def test_the_list_is_read_page_by_page_the_oldest_first(program: Program, producer: Producer) -> None:
    made = [told(make_transaction(producer)) for _ in range(5)]
    seen, after, pages = [], "", 0
    while after is not None:
        page = program.get("/transactions", {"limit": 2, "after": after}).json()
        seen += [one["number"] for one in page["transactions"]]
        after, pages = page["next"], pages + 1
    assert (seen, pages) == (made, 3)
    assert page["total"] == 5


def test_where_nothing_is_left_beyond_a_page_it_ends(program: Program, producer: Producer) -> None:
    made = [make_transaction(producer) for _ in range(4)]
    page = program.get("/transactions", {"limit": 2, "status": "ready"}).json()
    Transaction.objects.filter(pk__in=[one.pk for one in made[2:]]).update(status="canceled")
    last = program.get("/transactions", {"limit": 2, "status": "ready", "after": page["next"]}).json()
    assert (last["transactions"], last["next"]) == ([], None)


def test_filters_count_together(program: Program, member: Membership, producer: Producer) -> None:
    make_transaction(producer, "NV")
    wanted = make_transaction(producer, "CA", status="held", cocode="90103")
    make_transaction(make_producer(member.organization), "CA", status="held", cocode="90103")
    query = {
        "status": ["held", "ready"],
        "state": "California",
        "cocode": "90103",
        "npn": f"00{producer.npn}",
    }
    assert numbers(program, **query) == [told(wanted)]
    assert numbers(program, status="rejected") == []


def test_a_page_takes_the_same_queries_however_many_it_holds(program: Program, producer: Producer) -> None:
    make_transaction(producer)
    program.get("/transactions")
    with CaptureQueriesContext(connection) as few:
        program.get("/transactions")
    for _ in range(10):
        make_transaction(producer)
    with CaptureQueriesContext(connection) as many:
        program.get("/transactions")
    assert len(few) == len(many)


@pytest.mark.parametrize("form", ["GT-{:08d}", "gt-{}", "{}"])
def test_a_transaction_is_found_by_its_number(program: Program, producer: Producer, form: str) -> None:
    one = make_transaction(producer, state_fee=2500, registry_fee=None)
    body = program.get(f"/transactions/{form.format(one.number)}").json()
    assert body["number"] == told(one)
    assert body["fees"] == {"state": 2500, "registry": None}
    assert body["fees_charged"] is None
    assert body["url"] == f"{API}/transactions/{told(one)}"


def test_why_a_transaction_is_not_eligible_is_told_with_all_failures(
    program: Program, member: Membership
) -> None:
    producer = make_californian(member, lines=(0,), is_active=False)
    see_through(program.post("/appointment-requests", body_of(request_of(producer, categories=["life"]))))
    body = program.get("/transactions/1").json()
    assert body["status"] == "not_eligible"
    assert body["reason_label"] == "No Active Resident License"
    assert [(one["code"], one["label"]) for one in body["failures"]] == [
        ("no_resident_license", "No Active Resident License"),
        ("license_not_active", "Required License Not Active (Found)"),
    ]
    assert body["why"]["request"]["npn"] == producer.npn
    assert body["why"]["facts"]["licenses"][0]["active"] is False
    assert len(body["why"]["rules_version"]) == 12


def test_the_history_of_a_transaction_is_told(program: Program, producer: Producer) -> None:
    one = make_transaction(producer)
    see_through(program.post(f"/transactions/{one.number}/cancel", WHY))
    body = program.get(f"/transactions/{one.number}").json()
    assert (body["status"], body["note"]) == ("canceled", "asked for twice")
    assert [(change["old"], change["new"], change["source"]) for change in body["history"]] == [
        ("ready", "canceled", "api")
    ]


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("submit", "ready", "ready"),
        ("cancel", "ready", "canceled"),
        ("close", "rejected", "closed"),
        ("reopen", "canceled", "not_eligible"),
        ("retry", "rejected", "rejected"),
    ],
)
def test_what_pages_do_with_a_transaction_programs_do_too(
    program: Program, member: Membership, producer: Producer, action: str, before: str, after: str
) -> None:
    one = make_transaction(producer, status=before)
    operation = see_through(program.post(f"/transactions/{one.number}/{action}", WHY))
    one.refresh_from_db()
    assert one.status == after
    assert operation.by_id == member.user_id
    [result] = program.get(f"/operations/{operation.pk}/results").json()["results"]
    assert result["outcome"] in ("updated", "created")
    assert result["transactions"][0]["number"] == told(one)
    assert (one.released_at is not None) == (action == "submit")
    assert one.retries.exists() == (action == "retry")
    assert set(StatusChange.objects.values_list("source", flat=True)) <= {Source.API.value}


def test_an_action_that_does_not_apply_is_told_by_the_operation(program: Program, producer: Producer) -> None:
    one = make_transaction(producer, status="accepted")
    operation = see_through(program.post(f"/transactions/{one.number}/submit"))
    [result] = program.get(f"/operations/{operation.pk}/results").json()["results"]
    assert [found["code"] for found in result["findings"]] == ["TXN-E101"]


@pytest.mark.parametrize("action", ["cancel", "close"])
@pytest.mark.parametrize("body", [None, {}, {"reason": "\u0007"}, {"reason": " "}])
def test_what_ends_something_needs_a_reason(
    program: Program, producer: Producer, action: str, body: Any
) -> None:
    one = make_transaction(producer)
    answer = program.post(f"/transactions/{one.number}/{action}", body)
    assert answer.status_code == 422
    assert problem_of(answer)["details"][0]["field"] == "reason"


def test_the_same_action_under_one_key_is_done_once(program: Program, producer: Producer) -> None:
    one, other = make_transaction(producer, status="rejected"), make_transaction(producer, status="rejected")
    first = program.post(f"/transactions/{one.number}/retry", key="again")
    see_through(first)
    again = program.post(f"/transactions/{one.number}/retry", key="again")
    assert (again.status_code, again.json()["operation"]["id"]) == (200, first.json()["operation"]["id"])
    assert program.post(f"/transactions/{other.number}/retry", key="again").status_code == 409
    assert one.retries.count() == 1


def test_two_person_release_holds_for_programs(
    program: Program, member: Membership, producer: Producer
) -> None:
    FilingSettings.objects.update_or_create(
        organization=member.organization, defaults={"two_person_release": True}
    )
    one = make_transaction(producer, prepared_by=member.user)
    see_through(program.post(f"/transactions/{one.number}/submit"))
    one.refresh_from_db()
    assert one.released_at is None


def test_who_may_no_more_when_it_is_done_has_it_canceled(
    program: Program, member: Membership, producer: Producer
) -> None:
    one = make_transaction(producer)
    answer = program.post(f"/transactions/{one.number}/submit")
    Membership.objects.filter(pk=member.pk).update(role=Role.VIEWER.value)
    operation = see_through(answer)
    one.refresh_from_db()
    assert (operation.state, one.released_at) == ("canceled", None)


# --- first business --------------------------------------------------------------------------------


def business(producer: Producer, **over: Any) -> dict[str, Any]:
    today = timezone.localdate().isoformat()
    return {"npn": producer.npn, "state": "CA", "cocode": "90101", "on": today, **over}


def test_the_first_business_gives_held_transactions_their_deadline(
    program: Program, producer: Producer
) -> None:
    one = make_transaction(producer, status="held", line_name="Life", just_in_time=True)
    other = make_transaction(producer, status="held", line_name="Health", categories=["health"])
    body = program.post("/first-business", business(producer, line="life")).json()
    assert (body["marked"], body["undated"], body["submitted"]) == (1, 0, 0)
    assert body["transactions"][0]["number"] == told(one)
    # Fourteen days in California, for life and health.
    by = timezone.localdate() + timedelta(days=14)
    assert body["transactions"][0]["file_by"] == by.isoformat()
    other.refresh_from_db()
    assert other.first_business_on is None


def test_held_transactions_go_out_with_the_first_business_if_asked_to(
    program: Program, producer: Producer
) -> None:
    one = make_transaction(producer, status="held")
    body = program.post("/first-business", business(producer, submit=True)).json()
    assert (body["marked"], body["submitted"], body["kept_back"]) == (1, 1, "")
    one.refresh_from_db()
    assert one.released_at is not None


def test_saying_it_twice_says_it_once(program: Program, producer: Producer) -> None:
    make_transaction(producer, status="held")
    first = program.post("/first-business", business(producer)).json()
    assert (
        program.post("/first-business", business(producer)).json()["transactions"][0]["file_by"]
        == (first["transactions"][0]["file_by"])
    )


@pytest.mark.parametrize(
    "over", [{"npn": "999999"}, {"state": "NV"}, {"cocode": "90199"}, {"line": "Casualty"}]
)
def test_where_nothing_is_held_nothing_is_marked(
    program: Program, producer: Producer, over: dict[str, str]
) -> None:
    make_transaction(producer, status="held")
    answer = program.post("/first-business", business(producer, **over))
    assert (answer.status_code, problem_of(answer)["code"]) == (404, "nothing_held")


def test_a_day_that_has_not_come_is_refused(program: Program, producer: Producer) -> None:
    make_transaction(producer, status="held")
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    answer = program.post("/first-business", business(producer, on=tomorrow))
    assert answer.status_code == 422
    assert "has not come yet" in problem_of(answer)["message"]


def test_a_held_transaction_lets_sell_until_its_deadline(program: Program, member: Membership) -> None:
    producer = make_californian(member)
    CompanyState.objects.update(just_in_time=True)
    see_through(program.post("/appointment-requests", body_of(request_of(producer))))
    asked = {"npn": producer.npn, "state": "CA", "cocode": "90101", "line": "Life"}
    before = program.get("/authority", asked).json()
    assert (before["may_sell"], before["reason"]) == (True, "just_in_time")
    assert before["transaction"]["file_by"] is None
    program.post("/first-business", business(producer))
    after = program.get("/authority", asked).json()
    assert after["transaction"]["file_by"] == (timezone.localdate() + timedelta(days=14)).isoformat()
    assert "to be filed by" in after["message"]
    Transaction.objects.update(file_by=timezone.localdate() - timedelta(days=1))
    assert program.get("/authority", asked).json()["reason"] == "deadline_passed"
