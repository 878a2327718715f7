"""Finding producers, reading one, creating agencies, opening SSNs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.licenses.standing import Standing
from muster.producers.models import Agency, Producer, SyncStatus
from muster.producers.operations import CannotCreate, NewAgency, create_agencies, create_agency, reveal_ssn
from muster.producers.profile import profile_of
from muster.producers.queries import (
    NO_AGENCY,
    ORDERS,
    Selection,
    agency_choices,
    agency_page,
    producer_page,
    visible_producers,
)
from tests.make import (
    make_agency,
    make_appointment,
    make_assignment,
    make_license,
    make_line,
    make_member,
    make_organization,
    make_producer,
    with_ssn,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def member() -> Membership:
    return make_member()


def npns(member: Membership, **asked: Any) -> list[str]:
    return [line.producer.npn for line in producer_page(member, Selection(**asked), today=TODAY).lines]


# --- search ----------------------------------------------------------------------------------------

PEOPLE = {
    "1": {"first_name": "Ada", "last_name": "Smith"},
    "2": {"first_name": "Adam", "last_name": "Smith-Jones"},
    "3": {"first_name": "José Luis", "last_name": "Núñez"},
    "4": {"first_name": "Fiona", "last_name": "O'Brien"},
    "5": {"first_name": "Ana", "last_name": "De La Cruz"},
    "6": {"first_name": "Łukasz", "last_name": "Weiß"},
    "7": {"first_name": "Mary", "middle_name": "Ann", "last_name": "Pike", "file_last_name": "Hawkins"},
}

SEARCHES = [
    ("smith", {"1", "2"}),
    ("SMI ad", {"1", "2"}),
    ("ad smi", {"1", "2"}),
    ("Smith, Ada", {"1", "2"}),
    ("smith, adam", {"2"}),
    ("jones", {"2"}),
    ("mith", set()),
    ("nunez", {"3"}),
    ("NÚÑ", {"3"}),
    ("luis jose", {"3"}),
    ("obrien", {"4"}),
    ("o'brien", {"4"}),
    ("O’Brien", {"4"}),
    ("cruz de", {"5"}),
    ("lukasz weiss", {"6"}),
    ("weiß", {"6"}),
    ("ann", {"7"}),
    ("hawkins", {"7"}),
    ("mary smith", set()),
    ("  ", set(PEOPLE)),
    (",", set(PEOPLE)),
    ("'", set()),
    ("%", set()),
    ("smith:*", {"1", "2"}),
    ("smith & ada | !x", set()),
    ("\\", set()),
]


@pytest.mark.parametrize(("search", "expected"), SEARCHES)
def test_each_word_begins_a_word_of_the_name_in_any_order(
    search: str, expected: set[str], member: Membership
) -> None:
    for npn, names in PEOPLE.items():
        make_producer(member.organization, npn=npn, **names)
    assert set(npns(member, search=search)) == expected


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("123", {"123", "1234"}),
        ("1234", {"1234"}),
        ("0001234", {"1234"}),
        ("23", set()),
        ("12345678901234567890", set()),
        ("123 smith", {"123"}),
        ("0", set()),
        ("١٢٣", set()),
    ],
)
def test_digits_begin_an_npn(search: str, expected: set[str], member: Membership) -> None:
    make_producer(member.organization, npn="123", last_name="Smith")
    make_producer(member.organization, npn="1234", last_name="Brown")
    assert set(npns(member, search=search)) == expected


# --- filters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"state": "CA"}, {"1"}),
        ({"state": "TX"}, {"1", "2"}),
        ({"state": "NV"}, set()),
        ({"statuses": ("success",)}, {"1", "2"}),
        ({"statuses": ("queued", "not_found")}, {"3", "4"}),
        ({"problem": "attention"}, {"3"}),
        ({"problem": "name-differs"}, {"2"}),
        ({"agency": NO_AGENCY}, {"4"}),
        ({"state": "TX", "problem": "name-differs", "search": "alder"}, {"2"}),
        ({"state": "CA", "problem": "name-differs"}, set()),
    ],
)
def test_filters_narrow_the_list_together(
    asked: dict[str, Any], expected: set[str], member: Membership
) -> None:
    organization = member.organization
    agency = make_agency(organization)
    one = make_producer(organization, npn="1", agency=agency, sync_status=SyncStatus.SUCCESS)
    two = make_producer(
        organization, npn="2", agency=agency, sync_status=SyncStatus.SUCCESS, name_differs=True
    )
    make_producer(organization, npn="3", agency=agency, sync_status=SyncStatus.NOT_FOUND)
    make_producer(organization, npn="4", sync_status=SyncStatus.QUEUED)
    make_license(one, "CA")
    make_license(one, "TX")
    make_license(two, "TX")
    make_license(two, "NV", gone_at=NOW)
    assert set(npns(member, **asked)) == expected
    assert set(npns(member, agency=agency.pk)) == {"1", "2", "3"}


def test_nobody_sees_the_producers_and_agencies_of_another_organization(member: Membership) -> None:
    other = make_organization()
    agency = make_agency(other)
    make_producer(other, npn="1", last_name="Smith", agency=agency)
    assert npns(member) == []
    assert npns(member, search="smith", agency=agency.pk) == []
    assert agency_page(member)[0] == []
    assert agency_choices(member, chosen=agency.pk) == ([], True)


def test_one_who_may_not_read_sees_nobody(member: Membership) -> None:
    make_producer(member.organization)
    assert npns(make_member(member.organization, Role.PRODUCER)) == []


# --- orders ----------------------------------------------------------------------------------------

IN_ORDER = {
    "name": ["20", "3", "100"],
    "-name": ["100", "3", "20"],
    "npn": ["3", "20", "100"],
    "-npn": ["100", "20", "3"],
    "-synced": ["3", "100", "20"],
    "synced": ["20", "100", "3"],
    "added": ["100", "20", "3"],
    "-added": ["3", "20", "100"],
}


@pytest.mark.parametrize("order", ORDERS)
def test_the_list_stands_in_each_order(order: str, member: Membership) -> None:
    make_producer(member.organization, npn="100", last_name="Zuñiga", synced_at=NOW - timedelta(days=1))
    make_producer(member.organization, npn="20", last_name="Ångström", synced_at=None)
    make_producer(member.organization, npn="3", last_name="miller", synced_at=NOW)
    assert npns(member, order=order) == IN_ORDER[order]


# Which index the planner takes depends on how many rows there are; that there is one for each order does not.
@pytest.mark.parametrize("order", ORDERS)
def test_each_order_is_walked_on_an_index_of_its_own(order: str, member: Membership) -> None:
    for _ in range(3):
        make_producer(member.organization)
    by = ORDERS[order]
    rows = visible_producers(member).order_by(*by.by).values_list(*by.keys)
    with connection.cursor() as cursor:
        for other_way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            cursor.execute(f"SET LOCAL enable_{other_way} = off")
    plan = rows[:50].explain()
    assert "Index" in plan
    assert "Sort" not in plan


# --- what a line tells -----------------------------------------------------------------------------


def test_a_line_tells_states_with_the_resident_one_first_and_how_many_licenses_are_in_force(
    member: Membership,
) -> None:
    producer = make_producer(member.organization)
    make_license(producer, "AZ", residency="NR")
    make_license(producer, "TX")
    make_license(producer, "AL", residency="NR", expires_on=TODAY - timedelta(days=1))
    make_license(producer, "NV", residency="NR", is_active=False)
    make_license(producer, "WY", residency="NR", expires_on=TODAY)
    make_license(producer, "UT", residency="NR", gone_at=NOW)
    [line] = producer_page(member, Selection(), today=TODAY).lines
    assert [(badge.state, badge.is_active) for badge in line.badges] == [
        ("TX", True),
        ("AL", False),
        ("AZ", True),
        ("NV", False),
        ("WY", True),
    ]
    assert (line.active, line.licenses) == (3, 5)


# --- one producer ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({}, Standing.ACTIVE),
        ({"expires_on": None}, Standing.ACTIVE),
        ({"expires_on": TODAY + timedelta(days=91)}, Standing.ACTIVE),
        ({"expires_on": TODAY + timedelta(days=90)}, Standing.EXPIRES_SOON),
        ({"expires_on": TODAY}, Standing.EXPIRES_SOON),
        ({"expires_on": TODAY - timedelta(days=1)}, Standing.EXPIRED),
        ({"is_active": False, "expires_on": TODAY - timedelta(days=1)}, Standing.INACTIVE),
        ({"gone_at": NOW}, Standing.GONE),
    ],
)
def test_a_license_stands_as_the_registry_and_the_calendar_say(
    over: dict[str, Any], expected: Standing, member: Membership
) -> None:
    producer = make_producer(member.organization)
    make_license(producer, **over)
    profile = profile_of(producer, today=TODAY)
    assert [held.standing for held in profile.licenses + profile.gone_licenses] == [expected]


def test_a_profile_holds_all_that_is_known_and_keeps_what_has_ended_apart(member: Membership) -> None:
    producer = make_producer(member.organization, sync_status=SyncStatus.SUCCESS)
    nonresident = make_license(producer, "AZ", residency="NR")
    resident = make_license(producer, "TX")
    gone = make_license(producer, "AL", gone_at=NOW)
    make_line(resident, "Life", gone_at=NOW)
    make_line(resident, "Property")
    in_force = make_appointment(producer)
    ended = make_appointment(producer, status="Terminated")
    vanished = make_appointment(producer, gone_at=NOW)
    make_assignment(producer, categories=["life", "health"], scorecard_type="license_and_appointment")

    profile = profile_of(producer, today=TODAY)

    assert [held.license for held in profile.licenses] == [resident, nonresident]
    assert [held.license for held in profile.gone_licenses] == [gone]
    assert [line.name for line in profile.licenses[0].lines] == ["Property", "Life"]
    assert profile.appointments == [in_force]
    assert set(profile.ended_appointments) == {ended, vanished}
    assert [(meant.categories, meant.scorecard_type) for meant in profile.assignments] == [
        (["Life", "Health"], "License and Appointment")
    ]
    assert profile.active == 2


@pytest.mark.parametrize(("days", "health", "at_risk"), [(0, "active", 0), (1, "at_risk", 1)])
def test_a_profile_tells_todays_health_whatever_was_kept(
    days: int, health: str, at_risk: int, member: Membership
) -> None:
    producer = make_producer(member.organization, sync_status=SyncStatus.SUCCESS, synced_at=NOW)
    make_line(make_license(producer, expires_on=TODAY))
    make_appointment(producer, health="at_risk", risks=["line_lost"])
    profile = profile_of(producer, today=TODAY + timedelta(days=days))
    [appointment] = profile.appointments
    assert (appointment.health, appointment.risks) == (health, ["license_expired"] * at_risk)
    assert len(profile.at_risk) == at_risk
    make_appointment(producer, status="Terminated", status_on=date.max)
    profile = profile_of(producer, today=TODAY)
    assert (len(profile.at_risk), len(profile.ended_lately)) == (0, 1)


STEPS = [
    ("not_started", [], "Sync with the registry"),
    ("queued", [], "Waiting for the registry"),
    ("processing", [], "Fetching the report"),
    ("timeout", [], "Waiting for the registry"),
    ("error", [], "Waiting for the registry"),
    ("not_found", [], "Check the NPN"),
    ("retry_error", [{}], "Sync again"),
    ("success_no_licenses", [], "Apply for a resident license"),
    ("success", [{}], "In good standing"),
    ("success", [{"residency": "NR"}], "Find the resident license"),
    ("success", [{"expires_on": TODAY - timedelta(days=1)}], "Renew the resident license (CA)"),
    ("success", [{"is_active": False}], "See why the resident license (CA) is inactive"),
    ("success", [{"gone_at": NOW}], "Find the resident license"),
    ("success", [{"expires_on": TODAY + timedelta(days=9)}], "Renew the CA license"),
]


@pytest.mark.parametrize(("status", "licenses", "title"), STEPS)
def test_each_producer_has_one_next_step(
    status: str, licenses: list[dict[str, Any]], title: str, member: Membership
) -> None:
    producer = make_producer(member.organization, sync_status=status)
    for over in licenses:
        make_license(producer, **over)
    assert profile_of(producer, today=TODAY).step.title == title


@pytest.mark.parametrize(
    ("assigned", "name_differs", "title", "text"),
    [
        ({}, False, "In good standing", "The resident license is in force."),
        (
            {"states": ["CA", "OR"]},
            False,
            "In good standing",
            "The resident license is in force, and so is one in each assigned state.",
        ),
        (
            {"states": ["TX", "CA", "NM", "AZ"]},
            True,
            "Get licensed in AZ, NM and TX",
            "Assigned AZ, NM and TX, but holds no license there.",
        ),
        (
            {"states": ["NV", "TX"], "ends_on": TODAY},
            False,
            "Renew in NV",
            "Assigned NV, where the license is expired.",
        ),
        (
            {"states": ["UT", "NV", "ID"]},
            False,
            "See why the ID and UT licenses are inactive",
            "Assigned ID and UT, where the state calls what is held inactive.",
        ),
        (
            {"states": ["NV"], "ends_on": TODAY - timedelta(days=1)},
            False,
            "In good standing",
            "The resident license is in force.",
        ),
        (
            {"states": ["CA"]},
            True,
            "Compare the names",
            "The registry knows Pike, Ada; the file said Hawkins, Ada. Make sure that it is the same person.",
        ),
    ],
)
def test_what_the_assignments_and_the_file_say_otherwise_is_told(
    assigned: dict[str, Any], name_differs: bool, title: str, text: str, member: Membership
) -> None:
    producer = make_producer(
        member.organization,
        first_name="Ada",
        last_name="Pike",
        file_first_name="Ada",
        file_last_name="Hawkins",
        name_differs=name_differs,
        sync_status=SyncStatus.SUCCESS,
        synced_at=NOW,
    )
    make_line(make_license(producer))
    make_line(make_license(producer, "OR", residency="NR"))
    for state in ("ID", "UT"):
        make_license(producer, state, residency="NR", is_active=False)
    make_license(producer, "NV", residency="NR", expires_on=TODAY - timedelta(days=1))
    if assigned:
        make_assignment(producer, **assigned)
    step = profile_of(producer, today=TODAY).step
    assert (step.title, step.text) == (title, text)


@pytest.mark.parametrize(("days", "words"), [(0, "today"), (1, "tomorrow"), (41, "in 41 days")])
def test_a_license_that_expires_soon_is_told_with_its_days(days: int, words: str, member: Membership) -> None:
    producer = make_producer(member.organization, sync_status=SyncStatus.SUCCESS)
    make_license(producer, expires_on=TODAY + timedelta(days=days))
    make_license(producer, "NV", residency="NR", expires_on=TODAY + timedelta(days=60))
    assert profile_of(producer, today=TODAY).step.text == f"It expires {words}, 1 more soon after."


# --- agencies --------------------------------------------------------------------------------------


def test_an_agency_is_created_with_cleaned_values_and_on_record(member: Membership) -> None:
    agency = create_agency(by=member, name="  Birch \n Agency ", npn=" 0012345 ")
    assert (agency.name, agency.npn) == ("Birch Agency", "12345")
    event = Event.objects.get(kind="agency:create")
    assert (event.organization, event.by, event.subject) == (
        member.organization,
        member.user,
        f"agency:{agency.pk}",
    )
    assert event.data == {"name": "Birch Agency", "npn": "12345"}


def test_agencies_without_an_npn_are_as_many_as_one_likes(member: Membership) -> None:
    made = create_agencies(
        by=member, agencies=[NewAgency("Birch"), NewAgency("Birch", ""), NewAgency("Elm", None)]
    )
    assert [agency.npn for agency in made] == [None, None, None]


@pytest.mark.parametrize(
    ("name", "npn", "words"),
    [
        (" ", "12345", "a name"),
        ("B" * 201, "12345", "200"),
        ("Bir\0ch", None, "not text"),
        ("Birch", "12A45", "12A45"),
        ("Birch", "0", "zero"),
        ("Birch", "8100001", "Cedar Agency"),
        ("Birch", "08100001", "Cedar Agency"),
    ],
)
def test_an_agency_that_cannot_be_created_is_told_in_a_sentence(
    name: str, npn: str | None, words: str, member: Membership
) -> None:
    make_agency(member.organization, npn="8100001", name="Cedar Agency")
    with pytest.raises(CannotCreate, match=words):
        create_agency(by=member, name=name, npn=npn)
    assert Agency.objects.count() == 1
    assert not Event.objects.exists()


def test_agencies_are_created_all_or_none(member: Membership) -> None:
    with pytest.raises(CannotCreate):
        create_agencies(by=member, agencies=[NewAgency("Birch", "12345"), NewAgency("Elm", "12345")])
    assert not Agency.objects.exists()


def test_two_organizations_may_have_agencies_with_one_npn(member: Membership) -> None:
    make_agency(make_organization(), npn="12345")
    assert create_agency(by=member, name="Birch", npn="12345").organization == member.organization


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUBMITTER, Role.PRODUCER])
def test_others_create_no_agency(role: Role) -> None:
    with pytest.raises(PermissionDenied):
        create_agency(by=make_member(role=role), name="Birch")


def test_the_page_of_agencies_tells_how_many_producers_each_has(member: Membership) -> None:
    birch = make_agency(member.organization, name="birch", npn=None)
    make_agency(member.organization, name="Cedar", npn="8100001")
    make_producer(member.organization, agency=birch)
    make_producer(member.organization, agency=birch)
    agencies, page = agency_page(member)
    assert [(agency.name, agency.members) for agency in agencies] == [("birch", 2), ("Cedar", 0)]
    assert page.total == 2
    assert [agency.name for agency in agency_page(member, search="EDA")[0]] == ["Cedar"]
    assert [agency.name for agency in agency_page(member, search="8100")[0]] == ["Cedar"]


# --- SSNs ------------------------------------------------------------------------------------------


def test_an_ssn_is_opened_for_one_who_may_see_it_and_that_is_on_record() -> None:
    member = make_member(can_see_ssn=True)
    producer = make_producer(member.organization, **with_ssn("512346789"))
    assert reveal_ssn(by=member, producer=producer) == "512346789"
    event = Event.objects.get()
    assert (event.kind, event.by, event.subject) == (
        "producer:reveal-ssn",
        member.user,
        f"producer:{producer.pk}",
    )
    assert "6789" not in str(event.data)


def test_an_ssn_stays_sealed_for_everybody_else() -> None:
    organization = make_organization()
    producer = make_producer(organization, **with_ssn("512346789"))
    for member in (
        make_member(organization, Role.ADMIN),
        make_member(organization, Role.VIEWER, can_see_ssn=True),
        make_member(can_see_ssn=True),
    ):
        with pytest.raises(PermissionDenied):
            reveal_ssn(by=member, producer=producer)
    assert not Event.objects.exists()


def test_where_there_is_no_ssn_nothing_is_opened_and_nothing_recorded() -> None:
    member = make_member(can_see_ssn=True)
    assert reveal_ssn(by=member, producer=make_producer(member.organization)) is None
    assert not Event.objects.exists()


# --- what the database makes of names ----------------------------------------------------------------


def test_names_made_by_the_database_follow_every_change() -> None:
    producer = make_producer(make_organization(), first_name="Ada", last_name="Núñez")
    Producer.objects.filter(pk=producer.pk).update(last_name="O'Hara Ødegård")
    producer.refresh_from_db()
    assert producer.sort_name.strip() == "ohara odegard, ada"
    assert producer.search_words == "'ada' 'odegard' 'ohara'"
