"""The upload type Agent, as a table of files and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest

from muster.assignments.models import Assignment
from muster.bulk.models import Finding, Item, OperationState, Outcome, Policy
from muster.producers.models import Producer, SyncStatus
from muster.vault import unseal
from tests.bulk.uploads import (
    AGENCY,
    as_csv,
    assigned,
    check_file,
    codes,
    import_file,
    make_desk,
    outcomes,
    results_file,
    row,
    stored,
)
from tests.make import make_agency, make_producer

pytestmark = pytest.mark.django_db


def test_a_row_becomes_a_producer_that_waits_for_sync() -> None:
    desk = make_desk()
    operation = import_file(desk, as_csv([row(Agent_Email="Ada@Alder.EXAMPLE", Agent_SSN="123-45-6789")]))
    producer = Producer.objects.get(organization=desk.organization)
    assert operation.state == OperationState.DONE
    assert (producer.npn, producer.first_name, producer.last_name) == ("3000001", "Ada", "Alder")
    assert producer.email == "Ada@alder.example"
    assert (producer.ssn_last4, unseal(producer.ssn_sealed or "")) == ("6789", "123456789")
    assert producer.sync_status == SyncStatus.QUEUED
    assert producer.agency is not None
    assert producer.agency.npn == AGENCY


def test_an_assignment_is_made_from_the_same_row_and_exists_once() -> None:
    desk = make_desk()
    again = assigned(LOA_Category="Health; life", States="tx;California")
    operation = import_file(desk, as_csv([assigned(), again, assigned(States="OH")]))
    assert outcomes(operation) == {2: "created", 3: "unchanged", 4: "updated"}
    assert Assignment.objects.filter(organization=desk.organization).count() == 2
    first = Assignment.objects.filter(organization=desk.organization, states=["CA", "TX"]).get()
    assert (first.categories, first.cocodes) == (["life", "health"], ["90101"])
    assert first.operation_id == operation.pk


TWINS: list[tuple[str, list[dict[str, str]], dict[int, str | None], list[tuple[int | None, str]]]] = [
    ("the same twice is skipped", [row(), row()], {2: "created", 3: "duplicate"}, []),
    (
        "contradicting names are an error on both",
        [row(), row(Last_Name="Birch")],
        {2: "rejected", 3: "rejected"},
        [(2, "ROW-E902"), (3, "ROW-E902")],
    ),
    (
        "thrice with one that differs rejects all three",
        [row(), row(), row(First_Name="Bo")],
        {2: "rejected", 3: "rejected", 4: "rejected"},
        [(2, "ROW-E902"), (3, "ROW-E902"), (4, "ROW-E902")],
    ),
    (
        "a blank contradicts nothing",
        [row(Agent_Email="a@alder.example"), row()],
        {2: "created", 3: "unchanged"},
        [],
    ),
    (
        "another SSN is a contradiction",
        [row(Agent_SSN="123-45-6789"), row(Agent_SSN="123-45-6788")],
        {2: "rejected", 3: "rejected"},
        [(2, "ROW-E902"), (3, "ROW-E902")],
    ),
]


@pytest.mark.parametrize(
    ("rows", "expected", "found"), [case[1:] for case in TWINS], ids=[case[0] for case in TWINS]
)
def test_rows_about_one_npn(
    rows: list[dict[str, str]], expected: dict[int, str | None], found: list[tuple[int | None, str]]
) -> None:
    operation = import_file(make_desk(), as_csv(rows))
    assert outcomes(operation) == expected
    assert codes(operation) == found


def test_a_contradiction_names_the_other_row_and_shows_no_ssn() -> None:
    operation = check_file(make_desk(), as_csv([row(Agent_SSN="123-45-6789"), row(Agent_SSN="123-45-6788")]))
    first, second = Finding.objects.filter(operation=operation).order_by("row_no")
    assert (first.params["twin"], second.params["twin"]) == (3, 2)
    assert (first.field, first.value) == ("Agent SSN", None)


ROWS: list[tuple[str, dict[str, str], list[str]]] = [
    ("an unknown agency", row(Agency_NPN="8299999"), ["AGENCY-E001"]),
    ("an NPN that lost digits", row(Agent_NPN="1.23457E+09"), ["NPN-E004"]),
    ("an SSN that lost a zero", row(Agent_SSN="12345678"), ["SSN-E003"]),
    ("no states", assigned(States=""), ["ASSIGN-E001"]),
    ("no CoCode where appointments count", assigned(CoCode=""), ["ASSIGN-E001"]),
    ("only an agent type", row(Agent_Type="producer"), ["ASSIGN-E001"] * 3),
    ("no CoCode where licenses count", assigned(CoCode="", Scorecard_Type="license"), []),
    ("a company that is not on file", assigned(CoCode="99999"), ["COMPANY-W001"]),
    ("a wrong state told once", assigned(States="Texs"), ["STATE-E002"]),
]


@pytest.mark.parametrize(("told", "expected"), [case[1:] for case in ROWS], ids=[case[0] for case in ROWS])
def test_findings_of_a_row(told: dict[str, str], expected: list[str]) -> None:
    operation = check_file(make_desk(), as_csv([told]))
    assert [code for _, code in codes(operation)] == expected


def test_the_agency_of_another_organization_is_unknown() -> None:
    make_agency(make_desk().organization, npn="8299998")
    operation = check_file(make_desk(), as_csv([row(Agency_NPN="8299998")]))
    assert codes(operation) == [(2, "AGENCY-E001")]


def test_the_same_npn_in_another_organization_is_left_alone() -> None:
    other = make_desk()
    make_producer(other.organization, npn="3000001", last_name="Zinnia")
    import_file(make_desk(), as_csv([row()]))
    assert Producer.objects.get(organization=other.organization).last_name == "Zinnia"


def test_the_same_file_twice_changes_nothing() -> None:
    desk = make_desk()
    content = as_csv(
        [assigned(Agent_SSN="123-45-6789"), row(Agent_NPN="3000002", Agent_Email="b@alder.example")]
    )
    import_file(desk, content)
    before = stored(desk), list(Producer.objects.order_by("id").values_list("updated_at", flat=True))
    operation = import_file(desk, content)
    assert set(outcomes(operation).values()) == {Outcome.UNCHANGED}
    assert (
        stored(desk),
        list(Producer.objects.order_by("id").values_list("updated_at", flat=True)),
    ) == before


def test_the_results_file_uploaded_again_changes_nothing() -> None:
    desk = make_desk()
    first = import_file(
        desk, as_csv([assigned(Agent_SSN="123-45-6789"), row(Agent_NPN="x"), row(Agent_NPN="77")])
    )
    before = stored(desk)
    second = import_file(desk, results_file(first))
    assert stored(desk) == before
    assert outcomes(second) == {2: "unchanged", 3: "rejected", 4: "unchanged"}


def test_a_producer_is_updated_by_what_the_file_says_and_keeps_what_it_does_not_say() -> None:
    desk = make_desk()
    import_file(desk, as_csv([row(Agent_Email="a@alder.example", Agent_SSN="123-45-6789")]))
    make_agency(desk.organization, npn="8200002")
    operation = import_file(desk, as_csv([row(Agency_NPN="8200002", Last_Name="Ash")]))
    assert outcomes(operation) == {2: "updated"}
    producer = Producer.objects.get(organization=desk.organization)
    assert (producer.last_name, producer.email, producer.ssn_last4) == ("Ash", "a@alder.example", "6789")


def test_the_registrys_name_is_not_overwritten_by_a_file() -> None:
    desk = make_desk()
    import_file(desk, as_csv([row()]))
    Producer.objects.update(synced_at="2026-01-02T00:00Z", first_name="Adelaide")
    import_file(desk, as_csv([row(First_Name="Addie")]))
    producer = Producer.objects.get(organization=desk.organization)
    assert (producer.first_name, producer.file_first_name) == ("Adelaide", "Addie")
    assert producer.name_differs
    import_file(desk, as_csv([row(First_Name="ADELAIDE")]))
    producer.refresh_from_db()
    assert not producer.name_differs


def test_all_or_nothing_writes_nothing_beside_a_bad_row() -> None:
    desk = make_desk()
    operation = import_file(desk, as_csv([row(), row(Agent_NPN="abc")]), Policy.ALL_OR_NOTHING)
    assert operation.state == OperationState.DONE_WITH_FAILURES
    assert stored(desk) == ([], [])
    assert outcomes(operation) == {2: None, 3: "rejected"}


def test_all_or_nothing_writes_all_where_every_row_is_good() -> None:
    desk = make_desk()
    operation = import_file(desk, as_csv([row(), row(Agent_NPN="3000002")]), Policy.ALL_OR_NOTHING)
    assert operation.state == OperationState.DONE
    assert len(stored(desk)[0]) == 2


def test_ssns_stand_nowhere_in_clear() -> None:
    desk = make_desk()
    operation = import_file(
        desk, as_csv([row(Agent_SSN="123-45-6789"), row(Agent_SSN="12345678", Agent_NPN="5")])
    )
    kept: list[Any] = [
        *Item.objects.filter(operation=operation).values("cells", "data", "key", "result"),
        *Finding.objects.filter(operation=operation).values("value", "params"),
        *Producer.objects.values("ssn_sealed", "ssn_index"),
    ]
    assert not any(digits in str(kept) for digits in ("123-45-6789", "123456789", "12345678"))


def test_results_show_an_ssn_only_to_those_who_may_see_it() -> None:
    from muster.bulk.results import result_rows

    operation = import_file(make_desk(), as_csv([row(Agent_SSN="123-45-6789")]))
    seen = list(result_rows(operation, may_see_sealed=True))[1]
    masked = list(result_rows(operation, may_see_sealed=False))[1]
    assert "123-45-6789" in seen
    assert "***-**-6789" in masked
    assert "123-45" not in str(masked)


def test_an_ssn_in_a_row_that_could_not_be_read_is_sealed_wherever_it_stands() -> None:
    desk = make_desk()
    content = as_csv([row()]) + b'8200001,"Bo,Birch,77,,123-45-6789\r\n8200001,Cy,"Cedar",78,,\r\n'
    operation = import_file(desk, content)
    assert (3, "ROW-E004") in codes(operation)
    kept = str(list(Item.objects.filter(operation=operation).values("cells", "data", "key")))
    assert "6789" not in kept
    assert b"123-45-6789" in results_file(operation)
