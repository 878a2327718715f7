"""Every field of every subject can be shown, compared, ordered and counted by; nothing of others is seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from django.db import connection

from muster.access.models import Membership
from muster.bulk.models import Operation
from muster.core.table import (
    OPERATORS,
    WITHOUT_VALUE,
    Condition,
    FieldKind,
    Operator,
    Question,
    read_condition,
)
from muster.reports.fields import Field
from muster.reports.running import TooLong, counted, first_texts, groups_of, iterate, rows_of, within
from muster.reports.subject import Subject, UnknownSubject, subject_named, subjects
from muster.transactions.models import Transaction
from tests.make import (
    make_agency,
    make_appointment,
    make_assignment,
    make_company,
    make_company_state,
    make_license,
    make_member,
    make_organization,
    make_producer,
    make_transaction,
)

pytestmark = pytest.mark.django_db

NAMES = [subject.name for subject in subjects()]
VALUES = {
    FieldKind.DATE: "2026-01-02",
    FieldKind.NUMBER: "3",
    FieldKind.MONEY: "12.50",
    FieldKind.FLAG: "yes",
}


def one_of_each(member: Membership) -> None:
    """Something of every subject."""
    organization = member.organization
    producer = make_producer(
        organization, npn="1234567", first_name="Ada", last_name="Alder", agency=make_agency(organization)
    )
    make_license(producer, "CA", number="L-1")
    make_appointment(producer, "CA", county_code="")
    make_assignment(producer)
    make_company_state(make_company(organization))
    make_transaction(producer, state_fee=1250, prepared_by=member.user)
    Operation.objects.create(
        id="00000000-0000-0000-0000-00000000000a",
        organization=organization,
        kind="agent",
        by=member.user,
        state="done",
        source_name="class.csv",
        outcomes={"created": 3},
    )


@pytest.fixture
def member() -> Membership:
    member = make_member()
    one_of_each(member)
    return member


def conditions_on(of: Field) -> list[Condition]:
    value = next(iter(of.choices), VALUES.get(of.kind, "a"))
    return [
        Condition(of.name, operator, () if operator in WITHOUT_VALUE else (value,))
        for operator in OPERATORS[of.kind]
    ]


def seen(subject: Subject, member: Membership, *where: Condition, columns: Sequence[str] = ()) -> list[Any]:
    rows = rows_of(subject, Question(where=where), member)
    return first_texts(rows, [subject.by_name[name] for name in columns or subject.columns], most=50)


@pytest.mark.parametrize("name", NAMES)
def test_each_field_is_told_as_text(name: str, member: Membership) -> None:
    subject = subject_named(name)
    [row] = first_texts(rows_of(subject, Question(), member), subject.fields, most=50)
    assert all(isinstance(text, str) for text in row[:-1])
    assert list(iterate(rows_of(subject, Question(), member), subject.fields)) == [row[:-1]]


@pytest.mark.parametrize("name", NAMES)
def test_each_condition_and_its_opposite_divide_the_rows(name: str, member: Membership) -> None:
    subject = subject_named(name)
    for of in subject.fields:
        found = {one.operator: len(seen(subject, member, one)) for one in conditions_on(of)}
        if Operator.IS_NOT in found:
            assert found[Operator.IS] + found[Operator.IS_NOT] == 1, of.name
        if Operator.EMPTY in found:
            assert found[Operator.EMPTY] + found[Operator.FILLED] == 1, of.name
        if of.kind is FieldKind.TEXT:
            assert found[Operator.ONE_OF] == found[Operator.IS], of.name


@pytest.mark.parametrize("name", NAMES)
def test_each_field_orders_and_is_counted_by(name: str, member: Membership) -> None:
    subject = subject_named(name)
    for of in subject.fields:
        for sort in (of.name, f"-{of.name}"):
            assert rows_of(subject, Question(sort=sort), member).count() == 1
            assert len(first_texts(rows_of(subject, Question(sort=sort), member), [of], most=5)) == 1
        [group] = groups_of(rows_of(subject, Question(), member), of)
        assert group.rows == 1
        if group.condition is not None:
            # As the address would carry it: the link of a group leads to its rows.
            again = read_condition(group.condition.told, subject.terms)
            assert len(seen(subject, member, again)) == 1, of.name


@pytest.mark.parametrize("name", NAMES)
def test_what_others_have_is_not_there(name: str, member: Membership) -> None:
    stranger = make_member(make_organization())
    subject = subject_named(name)
    assert seen(subject, stranger) == []
    assert counted(rows_of(subject, Question(), member), seconds=10) == 1
    assert counted(rows_of(subject, Question(), stranger), seconds=10) == 0


@pytest.mark.parametrize("name", NAMES)
def test_columns_and_filters_that_are_offered_first_are_fields(name: str) -> None:
    subject = subject_named(name)
    assert {*subject.columns, *subject.filters} <= set(subject.by_name)
    assert len(subject.by_name) == len(subject.fields)
    assert bool(subject.mine) == bool(subject.mine_label)


def test_mine_is_what_i_prepared(member: Membership) -> None:
    subject, colleague = subject_named("transactions"), make_member(member.organization)
    assert rows_of(subject, Question(mine=True), member).count() == 1
    assert rows_of(subject, Question(mine=True), colleague).count() == 0


def test_the_report_that_was_asked_for_finds_what_is_to_end(member: Membership) -> None:
    producer = make_producer(member.organization, npn="7654321", first_name="Ben", last_name="Birch")
    make_appointment(producer, "NV", line_name="Health")
    make_appointment(producer, "CA", line_name="life", status="Terminated")
    make_appointment(producer, "TX", line_name="Life", cocode="90202")
    subject = subject_named("licensing-with-appointments")
    asked = ["cocode:is:90101", "status:is:Appointed", "line:in:Life;Health", "state:in:CA;NV;TX"]
    where = [read_condition(text, subject.terms) for text in asked]
    columns = ("producer", "npn", "state", "line", "cocode")
    found = seen(subject, member, *where, columns=columns)
    assert [row[:-1] for row in found] == [
        ("Alder, Ada", "1234567", "CA", "Life", "90101"),
        ("Birch, Ben", "7654321", "NV", "Health", "90101"),
    ]


@pytest.mark.parametrize(
    ("over", "number"),
    [
        ({"number": "L-2", "is_active": False}, "L-1"),
        ({"number": "L-2", "residency": "NR"}, "L-1"),
        ({"number": "L-2", "expires_on": None}, "L-2"),
        ({"number": "L-2", "expires_on": date(2098, 1, 1)}, "L-1"),
        ({"number": "L-2", "gone_at": "2026-01-01T00:00Z"}, "L-1"),
    ],
)
def test_the_license_beside_an_appointment_is_the_best_of_its_state(
    over: dict[str, Any], number: str, member: Membership
) -> None:
    producer = member.organization.producers.get(npn="1234567")
    make_license(producer, "CA", **over)
    make_license(producer, "NV", number="L-9")
    subject = subject_named("licensing-with-appointments")
    [row] = seen(subject, member, columns=["license_number"])
    assert row[0] == number


def test_days_of_moments_are_those_of_the_site(member: Membership) -> None:
    subject = subject_named("transactions")
    Transaction.objects.update(created_at="2026-01-03T03:00Z")
    [row] = seen(subject, member, columns=["made_at"])
    assert row[0] == "2026-01-02 22:00"
    for text, found in (
        ("made_at:is:2026-01-02", 1),
        ("made_at:is:2026-01-03", 0),
        ("made_at:before:2026-01-02", 0),
        ("made_at:before:2026-01-03", 1),
        ("made_at:after:2026-01-01", 1),
        ("made_at:after:2026-01-02", 0),
    ):
        assert len(seen(subject, member, read_condition(text, subject.terms))) == found, text


def test_what_takes_too_long_is_given_up_with_what_to_do() -> None:
    def sleep() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(20)")

    with pytest.raises(TooLong, match="Add a filter"):
        within(0.05, sleep)


def test_an_unknown_subject_is_told() -> None:
    with pytest.raises(UnknownSubject):
        subject_named("weather")
