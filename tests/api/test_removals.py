"""Removing producers by the API: the same as on the page, all or nobody, and nothing twice."""

from __future__ import annotations

from typing import Any

import pytest

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.bulk.models import Operation
from muster.history.models import Change, Source
from muster.producers.models import Leaving, Producer, Tenure
from tests.api.programs import Program, problem_of, see_through
from tests.make import make_appointment, make_company, make_member, make_producer
from tests.offboarding.removals import fresh, remove

pytestmark = pytest.mark.django_db

PATH = "/removals"


@pytest.fixture
def member() -> Membership:
    made = make_member()
    make_company(made.organization)
    return made


@pytest.fixture
def program(member: Membership) -> Program:
    return Program(member)


def of(*producers: Producer, **over: Any) -> dict[str, Any]:
    return {"npns": [one.npn for one in producers], **over}


def test_producers_are_removed_at_once_on_record_as_by_the_api(member: Membership, program: Program) -> None:
    one, two, stays = (make_producer(member.organization) for _ in range(3))
    answer = program.post(PATH, of(one, two))
    assert answer.status_code == 202
    operation = see_through(answer)
    assert (operation.state, operation.outcomes["updated"]) == ("done", 2)
    assert [fresh(producer).removed_at is None for producer in (one, two, stays)] == [False, False, True]
    changes = Change.objects.filter(new__has_key="removed_at")
    assert set(changes.values_list("source", "by")) == {(Source.API, member.user_id)}
    told = program.get(f"/operations/{operation.pk}").json()
    assert (told["done"], told["outcomes"]["updated"]) == (True, 2)


def test_what_is_open_of_each_is_told_with_the_results(member: Membership, program: Program) -> None:
    producer = make_producer(member.organization)
    make_appointment(producer)
    operation = see_through(program.post(PATH, of(producer)))
    [row] = program.get(f"/operations/{operation.pk}/results").json()["results"]
    assert (row["outcome"], row["message"]) == ("updated", "1 appointment in force.")


def test_who_is_to_go_when_the_terminations_are_accepted_waits(member: Membership, program: Program) -> None:
    producer = make_producer(member.organization)
    make_appointment(producer)
    operation = see_through(program.post(PATH, of(producer, when="ended")))
    assert fresh(producer).removed_at is None
    assert Leaving.objects.get().operation_id == operation.pk
    [row] = program.get(f"/operations/{operation.pk}/results").json()["results"]
    assert row["message"] == "Waits to be removed. 1 appointment in force."


def test_an_npn_of_nobody_who_is_here_removes_nobody(member: Membership, program: Program) -> None:
    here, gone, theirs = (
        make_producer(member.organization),
        make_producer(member.organization),
        make_producer(make_member().organization),
    )
    remove(member, gone)
    before = Operation.objects.count()
    answer = program.post(PATH, of(here, gone, theirs))
    assert answer.status_code == 422
    told = problem_of(answer)
    assert [one["message"] for one in told["details"]] == [
        f"No producer of yours has the NPN {one.npn}." for one in (gone, theirs)
    ]
    assert told["message"].endswith("Nobody was removed: mend the list first.")
    assert Operation.objects.count() == before
    assert fresh(here).removed_at is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"npns": []},
        {"npns": ["12a"]},
        {"npns": ["1001"], "when": "later"},
        {"npns": ["1001"], "reason": "moved"},
        {"npns": ["1001"] * 5_001},
    ],
)
def test_what_makes_no_sense_is_refused_with_its_field(program: Program, body: dict[str, Any]) -> None:
    answer = program.post(PATH, body)
    assert answer.status_code == 422
    assert problem_of(answer)["details"]


def test_the_same_key_removes_once(member: Membership, program: Program) -> None:
    producer = make_producer(member.organization)
    first = see_through(program.post(PATH, of(producer), key="leavers-of-may"))
    again = program.post(PATH, of(producer), key="leavers-of-may")
    assert (again.status_code, again.json()["operation"]["id"]) == (200, str(first.pk))
    assert Tenure.objects.count() == 1
    other = program.post(PATH, of(producer, when="ended"), key="leavers-of-may")
    assert (other.status_code, problem_of(other)["code"]) == (409, "key_used")


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.SUBMITTER, Role.VIEWER])
def test_who_is_no_agency_admin_is_refused_on_record(member: Membership, role: Role) -> None:
    producer = make_producer(member.organization)
    colleague = make_member(member.organization, role)
    assert Program(colleague).post(PATH, of(producer)).status_code == 403
    assert fresh(producer).removed_at is None
    event = Event.objects.get(kind="action:refuse")
    assert (event.by, event.data) == (colleague.user, {"kind": "remove-producers"})


def test_of_somebody_who_was_removed_programs_get_nothing_new(member: Membership, program: Program) -> None:
    producer = make_producer(member.organization)
    remove(member, producer)
    asked = {"npn": producer.npn, "state": "CA", "cocode": "90101"}
    assert program.get("/authority", {**asked, "line": "Life"}).json()["reason"] == "producer_not_found"
    eligibility = program.get("/eligibility", {**asked, "category": "life"}).json()
    assert [one["code"] for one in eligibility["findings"]] == ["APP-E011"]
