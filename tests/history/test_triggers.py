"""What the triggers keep: which write makes which change, for every tracked table, whoever writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from muster.access.models import Organization
from muster.appointments.models import Appointment
from muster.audit.models import Event
from muster.history.context import changing
from muster.history.models import Change, Source
from muster.history.tracked import TRACKED, Tracked
from muster.history.triggers import VARIABLE, body_of, function_of
from muster.licenses.models import License, LineOfAuthority
from muster.producers.models import Producer, RegistryAddress, RegistryContact, RegulatoryAction
from muster.profiles.models import BackgroundAnswer, Employment, OwnContact
from tests.make import (
    make_agency,
    make_appointment,
    make_assignment,
    make_license,
    make_line,
    make_organization,
    make_producer,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
# What a table has beside its facts: keys, and times of our own writing.
UNTRACKED = {
    "id",
    "organization_id",
    "producer_id",
    "license_id",
    "gone_at",
    "first_seen_at",
    "created_at",
    "operation_id",
    # A document has its own record of being added, read and deleted.
    "document_id",
    # That the registry lists by now what was filed here is told by its transaction.
    "origin",
}
OF_PRODUCERS = {
    "gender",
    "file_first_name",
    "file_last_name",
    "ssn_sealed",
    "ssn_index",
    "sync_status",
    "sync_reason",
    "sync_notes",
    "sync_attempts",
    "sync_next_at",
    "sync_claimed_at",
    "sync_again",
    "synced_at",
    "license_states",
    "sort_name",
    "search_words",
    "updated_at",
}


@pytest.fixture
def organization() -> Organization:
    return make_organization()


@pytest.fixture
def producer(organization: Organization) -> Producer:
    return make_producer(organization, synced_at=NOON)


def make_address(producer: Producer) -> RegistryAddress:
    return RegistryAddress.objects.create(
        organization_id=producer.organization_id,
        producer=producer,
        state="TX",
        type_code="2",
        type_name="Business",
        line_1="12 Elm St",
    )


def make_contact(producer: Producer) -> RegistryContact:
    return RegistryContact.objects.create(
        organization_id=producer.organization_id,
        producer=producer,
        state="TX",
        kind="email",
        value="a@b.example",
    )


def make_action(producer: Producer) -> RegulatoryAction:
    return RegulatoryAction.objects.create(
        organization_id=producer.organization_id, producer=producer, state="TX", action_id="77", reason="Late"
    )


def make_own_contact(producer: Producer) -> OwnContact:
    return OwnContact.objects.create(
        organization_id=producer.organization_id, producer=producer, email="a@b.example", state="TX"
    )


def make_employment(producer: Producer) -> Employment:
    return Employment.objects.create(
        organization_id=producer.organization_id,
        producer=producer,
        employer="Elm & Sons",
        title="Clerk",
        state="TX",
        starts_on=date(2020, 3, 1),
    )


def make_answer(producer: Producer) -> BackgroundAnswer:
    return BackgroundAnswer.objects.create(
        organization_id=producer.organization_id,
        producer=producer,
        question="taxes",
        is_yes=False,
        explanation="Paid late once",
    )


MAKERS: dict[str, Callable[[Producer], Any]] = {
    "address": make_address,
    "contact": make_contact,
    "action": make_action,
    "license": lambda producer: make_license(producer, "TX"),
    "line": lambda producer: make_line(make_license(producer, "TX")),
    "appointment": lambda producer: make_appointment(producer, "TX"),
    "assignment": lambda producer: make_assignment(producer, states=["TX"]),
    "own_contact": make_own_contact,
    "employment": make_employment,
    "background": make_answer,
}
CHILDREN = [one for one in TRACKED if one.kind != Change.Kind.PRODUCER]
MAY_GO = [one for one in CHILDREN if one.can_be_gone]
OF_REPORTS = [one for one in CHILDREN if one.was_synced != "true"]
named = pytest.mark.parametrize("tracked", CHILDREN, ids=lambda one: one.kind)
named_if_gone = pytest.mark.parametrize("tracked", MAY_GO, ids=lambda one: one.kind)


def model_of(tracked: Tracked) -> Any:
    return next(model for model in apps.get_models() if model._meta.db_table == tracked.table)


def where(tracked: Tracked) -> str:
    """The state of what the makers make, where it has one."""
    return "" if tracked.state == "''" else "TX"


def told(**of: Any) -> list[tuple[str, str]]:
    return list(Change.objects.filter(**of).order_by("id").values_list("kind", "verb"))


@pytest.mark.parametrize("tracked", TRACKED, ids=lambda one: one.kind)
def test_the_functions_of_the_database_are_those_that_the_code_would_make(tracked: Tracked) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc, proconfig FROM pg_proc WHERE proname = %s", [function_of(tracked)])
        ((source, settings),) = cursor.fetchall()
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY tgname",
            [tracked.table],
        )
        triggers = [name for (name,) in cursor.fetchall() if name.startswith("history_")]
    assert source == body_of(tracked), (
        "What is tracked has changed: add a migration with what muster.history.triggers.installation() gives."
    )
    # Where they look for tables is set by `muster migrate`, for the role that Muster runs as.
    assert [one for one in settings if not one.startswith("search_path=")] == ["enable_nestloop=off"]
    assert triggers == [
        "history_delete",
        *["history_insert"] * tracked.is_added,
        "history_row_stays",
        "history_update",
    ]


@pytest.mark.parametrize("tracked", TRACKED, ids=lambda one: one.kind)
def test_every_column_is_tracked_or_left_out_on_purpose(tracked: Tracked) -> None:
    columns = {field.column for field in model_of(tracked)._meta.concrete_fields}
    left_out = columns - set(tracked.kept)
    assert set(tracked.kept) <= columns
    assert left_out <= UNTRACKED | (OF_PRODUCERS if tracked.kind == Change.Kind.PRODUCER else set())


def test_no_sealed_ssn_is_ever_tracked() -> None:
    assert not {"ssn_sealed", "ssn_index"} & {name for one in TRACKED for name in one.words}


@named
def test_what_is_added_to_a_synced_producer_is_a_change(tracked: Tracked, producer: Producer) -> None:
    made = MAKERS[tracked.kind](producer)
    change = Change.objects.get(kind=tracked.kind)
    assert (change.verb, change.record_id, change.producer_id) == ("added", made.pk, producer.pk)
    assert (change.organization_id, change.state, change.old) == (
        producer.organization_id,
        where(tracked),
        {},
    )
    assert change.new
    assert change.source == "unknown"


@pytest.mark.parametrize("tracked", OF_REPORTS, ids=lambda one: one.kind)
def test_what_a_first_report_brings_is_no_change(tracked: Tracked, organization: Organization) -> None:
    MAKERS[tracked.kind](make_producer(organization))
    assert told() == []


@named
def test_what_is_removed_is_a_change_that_keeps_what_was_there(tracked: Tracked, producer: Producer) -> None:
    made = MAKERS[tracked.kind](producer)
    pk = made.pk
    type(made)._default_manager.filter(pk=pk).delete()
    change = Change.objects.get(kind=tracked.kind, verb="removed")
    assert (change.record_id, change.producer_id, change.state, change.new) == (
        pk,
        producer.pk,
        where(tracked),
        {},
    )
    assert set(change.about) <= {*tracked.words, "license"}
    assert change.old


@named_if_gone
def test_gone_and_back_are_told_once_each(tracked: Tracked, producer: Producer) -> None:
    made = MAKERS[tracked.kind](producer)
    rows = type(made)._default_manager.filter(pk=made.pk)
    rows.update(gone_at=NOON)
    rows.update(gone_at=datetime(2026, 11, 21, tzinfo=UTC))
    rows.update(gone_at=None)
    verbs = [verb for _, verb in told(kind=tracked.kind)]
    assert verbs == ["added", "gone", "back"]
    last = Change.objects.filter(kind=tracked.kind).latest("id")
    assert (last.old, last.new) == ({}, {})


@pytest.mark.parametrize("tracked", TRACKED, ids=lambda one: one.kind)
def test_writing_what_is_there_already_is_no_change(tracked: Tracked, producer: Producer) -> None:
    if tracked.kind != Change.Kind.PRODUCER:
        MAKERS[tracked.kind](producer)
    before = Change.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {tracked.table} SET organization_id = organization_id")  # noqa: S608
        assert cursor.rowcount == 1
    assert Change.objects.count() == before


OTHER_VALUES: dict[str, Any] = {
    "is_yes": True,
    "is_active": False, "is_watched": False, "name_differs": True, "kind": "firm", "categories": ["health"],
    "states": ["TX", "CA"], "cocodes": ["90101"], "risks": ["line_lost"], "health": "at_risk",
    "identity": "11111111-1111-4111-8111-111111111111", "residency": "NR", "state": "GA",
    "other_names": '[{"state": "TX", "kind": "Alias", "name": "May"}]', "npn": "77",
}  # fmt: skip
EVERY_COLUMN = [(one, name) for one in TRACKED for name in one.columns]


@pytest.mark.parametrize(("tracked", "column"), EVERY_COLUMN, ids=lambda one: getattr(one, "kind", one))
def test_a_difference_in_any_tracked_column_is_a_change(
    tracked: Tracked, column: str, producer: Producer
) -> None:
    made = producer if tracked.kind == Change.Kind.PRODUCER else MAKERS[tracked.kind](producer)
    value = OTHER_VALUES.get(column, date(2026, 1, 2) if column.endswith("_on") else "9999")
    if column.endswith("_at"):
        value = NOON
    if column == "agency_id":
        value = make_agency(producer.organization).pk
    before = type(made)._default_manager.filter(pk=made.pk).values_list(column, flat=True).get()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {tracked.table} SET {column} = %s WHERE id = %s", [value, made.pk])  # noqa: S608
    change = Change.objects.get(verb="changed", kind=tracked.kind)
    assert set(change.new) == {column} | ({"agency"} if column == "agency_id" else set())
    assert set(change.old) == set(change.new)
    if before is None or isinstance(before, str | bool | list):
        assert change.old[column] == before
    assert change.about.get(column, change.new[column]) == change.new[column]


@pytest.mark.parametrize("tracked", [one for one in TRACKED if one.noted], ids=lambda one: one.kind)
def test_that_a_state_touched_its_record_is_no_news_and_is_kept_with_news(
    tracked: Tracked, producer: Producer
) -> None:
    made = MAKERS[tracked.kind](producer)
    rows = type(made)._default_manager.filter(pk=made.pk)
    rows.update(updated_on=date(2026, 1, 1))
    assert told(kind=tracked.kind, verb="changed") == []
    rows.update(updated_on=date(2026, 2, 1), state="GA")
    change = Change.objects.get(verb="changed")
    assert change.old == {"updated_on": "2026-01-01", "state": "TX"}
    assert change.new == {"updated_on": "2026-02-01", "state": "GA"}


def test_a_first_report_makes_no_change_of_the_producer_and_the_next_one_does(
    organization: Organization,
) -> None:
    rows = Producer.objects.filter(pk=make_producer(organization).pk)
    with changing(source=Source.REGISTRY):
        rows.update(last_name="Pike", synced_at=NOON)
        assert told() == []
        rows.update(last_name="Hawkins", synced_at=NOON)
    assert told() == [("producer", "changed")]


@pytest.mark.parametrize(
    ("source", "column", "value"),
    [
        (Source.REGISTRY, "npn", "77"),
        (Source.REGISTRY, "email", "ada@harbor.example"),
        (Source.REGISTRY, "is_watched", False),
        (Source.PERSON, "last_name", "Pike"),
        (Source.UNKNOWN, "last_name", "Pike"),
    ],
)
def test_nothing_else_hides_behind_a_first_report(
    organization: Organization, source: Source, column: str, value: Any
) -> None:
    rows = Producer.objects.filter(pk=make_producer(organization).pk)
    with changing(source=source):
        rows.update(synced_at=NOON, **{column: value})
    assert Change.objects.get().new == {column: value}


BOUND = [(one, name) for one in TRACKED for name in one.bound]


@pytest.mark.parametrize(("tracked", "column"), BOUND, ids=lambda one: getattr(one, "kind", one))
def test_no_row_gets_another_id_or_owner(tracked: Tracked, column: str, producer: Producer) -> None:
    made = producer if tracked.kind == Change.Kind.PRODUCER else MAKERS[tracked.kind](producer)
    before = Change.objects.count()
    with (
        pytest.raises(IntegrityError, match=f"{tracked.table} row {made.pk} cannot get another id"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE {tracked.table} SET {column} = {column} + 1000")  # noqa: S608
    made.refresh_from_db()
    made.save()
    assert Change.objects.count() == before


def test_every_key_of_a_row_is_bound() -> None:
    for one in TRACKED:
        columns = {field.column for field in model_of(one)._meta.concrete_fields}
        assert set(one.bound) == columns & {"id", "organization_id", "producer_id", "license_id"}


@pytest.mark.parametrize(
    "told_wrongly",
    [{"source": "nobody"}, {"at": "infinity"}, {"at": "-infinity"}, {"at": "20260-01-01 00:00+00"}],
    ids=str,
)
def test_no_change_is_kept_without_a_known_source_and_a_time_that_can_be_read(
    producer: Producer, told_wrongly: dict[str, str]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [VARIABLE, json.dumps(told_wrongly)])
    with pytest.raises(IntegrityError, match=r"change_(source_known|at_a_time)"), transaction.atomic():
        Producer.objects.update(last_name="Pike")
    assert not Change.objects.exists()


def test_a_person_may_change_who_was_never_synced_and_that_is_told(organization: Organization) -> None:
    Producer.objects.filter(pk=make_producer(organization).pk).update(email="ada@harbor.example")
    assert told() == [("producer", "changed")]


def test_a_change_of_the_agency_keeps_the_names_of_both(producer: Producer) -> None:
    first, second = (make_agency(producer.organization, name=name) for name in ("Cedar", "Birch"))
    for agency in (first, second):
        Producer.objects.filter(pk=producer.pk).update(agency=agency)
    change = Change.objects.latest("id")
    assert change.old == {"agency_id": first.pk, "agency": "Cedar"}
    assert change.new == {"agency_id": second.pk, "agency": "Birch"}


@pytest.mark.parametrize(
    ("writes", "told_of"),
    [
        # Not judged yet: that a new appointment is good, or not, is no news of its own.
        ([("", []), ("active", [])], []),
        ([("", []), ("at_risk", ["line_lost"])], []),
        ([("active", []), ("at_risk", ["line_lost"])], ["muster"]),
        ([("at_risk", ["line_lost"]), ("at_risk", ["license_expired"])], ["muster"]),
        ([("at_risk", ["line_lost"]), ("", [])], ["muster"]),
        ([("active", []), ("active", [])], []),
    ],
)
def test_a_verdict_on_an_appointment_is_ours_and_the_first_is_no_news(
    producer: Producer, writes: list[tuple[str, list[str]]], told_of: list[str]
) -> None:
    (health, risks), *later = writes
    rows = Appointment.objects.filter(pk=make_appointment(producer, health=health, risks=risks).pk)
    for health, risks in later:
        rows.update(health=health, risks=risks)
    assert list(Change.objects.filter(verb="changed").values_list("source", flat=True)) == told_of


def test_a_line_knows_its_producer_state_and_license(producer: Producer) -> None:
    license = make_license(producer, "GA", number="123")
    LineOfAuthority.objects.filter(pk=make_line(license, "Casualty").pk).update(status="Inactive")
    change = Change.objects.get(kind="line", verb="changed")
    assert (change.producer_id, change.state) == (producer.pk, "GA")
    assert change.about == {"code": "CAS", "name": "Casualty", "license": "123"}


def test_a_line_that_goes_after_its_license_is_still_told(producer: Producer) -> None:
    license = make_license(producer, "GA")
    line = make_line(license)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM licenses_license WHERE id = %s", [license.pk])
        cursor.execute("DELETE FROM licenses_lineofauthority WHERE id = %s", [line.pk])
    change = Change.objects.get(kind="line", verb="removed")
    assert (change.producer_id, change.state, change.old["name"]) == (0, "", "Life")


def test_a_producer_goes_with_all_that_is_theirs_and_all_of_it_is_told(producer: Producer) -> None:
    make_line(make_license(producer))
    make_appointment(producer)
    pk, npn = producer.pk, producer.npn
    producer.delete()
    assert sorted(told(verb="removed")) == [
        ("appointment", "removed"), ("license", "removed"), ("line", "removed"), ("producer", "removed"),
    ]  # fmt: skip
    assert set(Change.objects.filter(verb="removed").values_list("producer_id", flat=True)) == {pk}
    assert Change.objects.get(kind="producer").about["npn"] == npn


def test_an_organization_without_history_can_be_deleted(organization: Organization) -> None:
    make_line(make_license(make_producer(organization)))
    organization.delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not Organization.objects.exists()


def test_one_statement_over_many_rows_tells_each_row_that_differs(organization: Organization) -> None:
    synced = [make_producer(organization, synced_at=NOON) for _ in range(30)]
    for producer in synced:
        make_license(producer, "TX", is_active=producer.pk % 3 != 0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE licenses_license SET is_active = true")
    changed = {producer.pk for producer in synced if producer.pk % 3 == 0}
    changes = Change.objects.filter(verb="changed")
    assert {change.producer_id for change in changes} == changed
    assert all((one.old, one.new) == ({"is_active": False}, {"is_active": True}) for one in changes)


def test_an_upsert_tells_new_rows_as_added_and_others_as_changed(producer: Producer) -> None:
    make_license(producer, "TX", number="1", is_active=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO licenses_license (
                organization_id, producer_id, state, number, class_code, class_name, residency, is_active,
                adjuster_home_state
            )
            SELECT %s, %s, 'TX', number, '', 'Insurance Producer', 'R', false, ''
            FROM unnest(ARRAY['1', '2']) AS number
            ON CONFLICT (producer_id, state, number, class_code) DO UPDATE SET is_active = excluded.is_active
            """,
            [producer.organization_id, producer.pk],
        )
    found = Change.objects.order_by("id").values_list("verb", "about__number")
    assert sorted(found) == [("added", "1"), ("added", "2"), ("changed", "1")]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"],
)
@pytest.mark.parametrize("table", ["history_change", "audit_event"])
def test_what_was_recorded_can_be_neither_changed_nor_deleted(
    producer: Producer, table: str, statement: str
) -> None:
    make_license(producer)
    Event.objects.create(kind="test", organization=producer.organization)
    with connection.cursor() as cursor:
        # Else TRUNCATE is refused already for checks that wait for the commit.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))
    assert Change.objects.count() == 1
    assert Event.objects.count() == 1
    assert License.objects.count() == 1
