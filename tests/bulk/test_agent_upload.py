"""The upload type Agent, as a table of files and what becomes of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from muster.assignments.models import Assignment
from muster.bulk.models import Finding, Item, Operation, OperationState, Outcome, Policy
from muster.bulk.operations import map_value
from muster.bulk.results import result_rows
from muster.bulk.runner import run
from muster.producers.models import Producer, SyncStatus
from muster.vault import unseal
from tests.bulk.uploads import (
    AGENCY,
    HEADER,
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


def kept(operation: Operation) -> str:
    """All that the database holds of the rows of an upload, seals taken for nothing."""
    items = Item.objects.filter(operation=operation).values_list("cells", "data", "key", "result")
    return str([*items, *Finding.objects.filter(operation=operation).values_list("value", "params")])


def shown(operation: Operation, *, may_see_sealed: bool) -> str:
    """The results file as text."""
    return str(list(result_rows(operation, may_see_sealed=may_see_sealed)))


@pytest.mark.parametrize("ssn", ["123456789", "123-45-6789", "123 45 6789", "123\u00a045\u00a06789"])
@pytest.mark.parametrize("field", ["Agent Email", "States", "LOA Category", "Scorecard Type"])
def test_an_ssn_in_a_wrong_column_is_told_and_shown_masked(field: str, ssn: str) -> None:
    operation = check_file(make_desk(), as_csv([row() | {field: ssn}]))
    found = Finding.objects.filter(operation=operation, field=field).values_list("value", "params")
    assert found
    assert "***-**-6789" in str(found)
    assert "123" not in str(found)
    assert "12345" not in re.sub(r"\D", "", shown(operation, may_see_sealed=False).replace("3000001", ""))


def test_a_wrong_agency_npn_of_nine_digits_is_shown_for_it_has_to_be_mapped() -> None:
    desk = make_desk()
    operation = check_file(desk, as_csv([row(Agency_NPN="820000123"), row(Agency_NPN="123-45-6789")]))
    values = Finding.objects.filter(operation=operation, field="Agency NPN").order_by("row_no")
    assert list(values.values_list("value", flat=True)) == ["820000123", "***-**-6789"]


def test_the_findings_of_a_row_that_could_not_be_read_carry_no_values() -> None:
    content = as_csv([row()]) + b'8200001,"Bo,Birch,77,,123-45-6789\r\n8200001,Cy,"Cedar",78,x,\r\n'
    content += b"820000199,Di,Dogwood,123456789,not an address,,123456789,ZZ,,,,too many\r\n"
    operation = check_file(make_desk(), content)
    damaged = Finding.objects.filter(operation=operation, row_no__in=[3, 5])
    assert {"ROW-E002", "EMAIL-E001", "STATE-E001"} <= {code for _, code in codes(operation)}
    assert not damaged.exclude(value=None).exists()
    assert "123456789" not in kept(operation)
    assert "820000199" not in kept(operation)


@pytest.mark.parametrize("header", ["SS#", "Producer SSN", "Social Security No.", "social_security_no"])
def test_an_ssn_column_has_many_names(header: str) -> None:
    desk = make_desk()
    names = [*HEADER[:5], header]
    operation = import_file(desk, as_csv([row() | {header: "123-45-6789"}], names))
    assert codes(operation) == []
    assert Producer.objects.get(organization=desk.organization).ssn_last4 == "6789"


def test_cells_under_a_name_that_nobody_knows_are_sealed_and_masked_where_they_look_like_an_ssn() -> None:
    desk = make_desk()
    header = [*HEADER, "Tax ID", "", "Shoe Size"]
    told = row(Agent_NPN="5") | {"Tax ID": "123-45-6789", "": "987654321", "Shoe Size": "forty-four"}
    bad = told | {"Agent NPN": "abc"}
    operation = check_file(desk, as_csv([told, bad], header))
    for _ in range(2):
        assert not any(text in kept(operation) for text in ("6789", "98765", "forty"))
        whole = list(result_rows(operation, may_see_sealed=True))
        assert whole[1][11:14] == ["123-45-6789", "987654321", "forty-four"]
        masked = list(result_rows(operation, may_see_sealed=False))
        assert masked[1][11:14] == ["***-**-6789", "***-**-4321", "forty-four"]
        assert masked[1][3] == "5"
        # Judged again, they stay as they are.
        map_value(
            operation=operation, member=desk, field="Agent NPN", value="abc", replacement="77",
            now=timezone.now(), defer=False,
        )  # fmt: skip
        run(operation.pk)
        operation.refresh_from_db()
    assert operation.state == OperationState.READY
    assert set(Item.objects.filter(operation=operation).values_list("key", "state")) == {
        ("5", "ok"),
        ("77", "ok"),
    }
