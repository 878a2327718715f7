"""The words in which changes are told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from muster.console.changes.labels import LABELS, shown
from muster.console.changes.sentences import KINDS, SOURCES, tell, tell_all
from muster.history.models import Change, Source
from muster.history.tracked import TRACKED
from tests.web.change_makers import NOON, a_change, a_phone

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.django_db

LICENSE = {"kind": "license", "state": "TX", "about": {"number": "123456", "class_name": "Producer"}}
LINE = {"kind": "line", "state": "GA", "about": {"name": "Casualty", "code": "2", "license": "9"}}
APPOINTMENT = {
    "kind": "appointment",
    "state": "OH",
    "about": {"company_name": "Acme", "cocode": "00101", "line_name": "Life", "county_code": ""},
}
ASSIGNMENT = {"kind": "assignment", "about": {"categories": ["life", "health"], "states": ["CA", "TX"]}}
PRODUCER = {"kind": "producer", "about": {"npn": "77", "first_name": "Bo", "last_name": "Birch"}}

TITLES: list[tuple[dict[str, Any], str]] = [
    (
        {**LICENSE, "old": {"is_active": True}, "new": {"is_active": False}},
        "Texas license 123456: active → inactive",
    ),
    (
        {**LICENSE, "old": {"is_active": False}, "new": {"is_active": True}},
        "Texas license 123456: inactive → active",
    ),
    (
        {**LICENSE, "old": {"expires_on": "2026-03-31"}, "new": {"expires_on": "2028-03-31"}},
        "Texas license 123456 renewed until Mar 31, 2028",
    ),
    (
        {**LICENSE, "old": {"expires_on": "2028-03-31"}, "new": {"expires_on": "2026-03-05"}},
        "Texas license 123456 now expires Mar 5, 2026",
    ),
    (
        {**LICENSE, "old": {"class_name": "Agent"}, "new": {"class_name": "Producer"}},
        "Texas license 123456 changed",
    ),
    ({**LICENSE, "verb": "added", "new": {"number": "123456"}}, "Texas license 123456 added"),
    ({**LICENSE, "verb": "gone"}, "Texas license 123456 no longer listed"),
    ({**LICENSE, "verb": "back"}, "Texas license 123456 listed again"),
    ({**LICENSE, "verb": "removed"}, "Texas license 123456 removed"),
    ({**LICENSE, "state": "ZZ", "verb": "added"}, "ZZ license 123456 added"),
    ({**LINE, "verb": "added"}, "Line Casualty added in Georgia"),
    ({**LINE, "verb": "gone"}, "Line Casualty no longer listed in Georgia"),
    (
        {**LINE, "old": {"status": "Active"}, "new": {"status": "Inactive"}},
        "Line Casualty in Georgia: active → inactive",
    ),
    ({**LINE, "new": {"ce_compliance": "No"}}, "Line Casualty changed in Georgia"),
    ({**LINE, "verb": "removed", "state": "", "producer_id": 0}, "Line Casualty removed"),
    (
        {
            **APPOINTMENT,
            "old": {"status": "Appointed", "termination_reason": ""},
            "new": {"status": "Terminated", "termination_reason": "Voluntary termination"},
        },
        "Appointment with Acme for Life in Ohio ended: Voluntary termination",
    ),
    (
        {**APPOINTMENT, "old": {"status": "Appointed"}, "new": {"status": "Terminated"}},
        "Appointment with Acme for Life in Ohio ended: Terminated",
    ),
    (
        {**APPOINTMENT, "old": {"status": "Terminated"}, "new": {"status": "Appointed"}},
        "Appointment with Acme for Life in Ohio is in force again",
    ),
    (
        {**APPOINTMENT, "old": {"renews_on": None}, "new": {"renews_on": "2027-01-02"}},
        "Appointment with Acme for Life in Ohio renewed until Jan 2, 2027",
    ),
    (
        {
            **APPOINTMENT,
            "old": {"health": "active", "risks": []},
            "new": {"health": "at_risk", "risks": ["license_expired", "line_lost"]},
        },
        "Appointment with Acme for Life in Ohio is at risk: License expired, Line of authority lost",
    ),
    (
        {
            **APPOINTMENT,
            "old": {"health": "at_risk", "risks": ["line_lost"]},
            "new": {"health": "active", "risks": []},
        },
        "Appointment with Acme for Life in Ohio is no longer at risk",
    ),
    (
        {
            **APPOINTMENT,
            "old": {"health": "active", "risks": []},
            "new": {"health": "at_risk", "risks": ["ended_by_state"]},
        },
        "Appointment with Acme for Life in Ohio counts as ended",
    ),
    (
        {
            **APPOINTMENT,
            "old": {"health": "at_risk", "risks": ["ended_by_state"]},
            "new": {"health": "", "risks": []},
        },
        "Appointment with Acme for Life in Ohio ended more than 90 days ago",
    ),
    ({**APPOINTMENT, "verb": "added"}, "Appointment with Acme for Life in Ohio added"),
    ({**APPOINTMENT, "about": {"cocode": "00101"}, "verb": "gone"},
     "Appointment with CoCode 00101 in Ohio no longer listed"),
    ({**ASSIGNMENT, "verb": "added"}, "Assignment of Life, Health added in California, Texas"),
    (
        {"kind": "assignment", "about": {"categories": ["life"], "states": [*"ABCD"]}, "verb": "removed"},
        "Assignment of Life removed in 4 states",
    ),
    ({**PRODUCER, "old": {"last_name": "Pike"}, "new": {"last_name": "Birch"}}, "Name changed"),
    (
        {**PRODUCER, "old": {"agency_id": 1, "agency": "Cedar"}, "new": {"agency_id": 2, "agency": "Birch"}},
        "Moved to Birch",
    ),
    ({**PRODUCER, "old": {"agency_id": 1}, "new": {"agency_id": None}}, "No longer in an agency"),
    ({**PRODUCER, "old": {"email": ""}, "new": {"email": "a@b.example"}}, "Email added"),
    ({**PRODUCER, "old": {"email": "b@b.example"}, "new": {"email": "a@b.example"}}, "Email changed"),
    ({**PRODUCER, "old": {"is_watched": True}, "new": {"is_watched": False}}, "Daily alerts switched off"),
    ({**PRODUCER, "old": {"name_differs": False}, "new": {"name_differs": True}},
     "Name in the file differs from the registry’s"),
    ({**PRODUCER, "verb": "removed"}, "Producer Bo Birch removed"),
    ({"kind": "address", "state": "TX", "about": {"type_name": "BUSINESS"}},
     "Business address changed in Texas"),
    ({"kind": "contact", "state": "TX", "about": {"kind": "email"}}, "Email changed in Texas"),
    ({"kind": "contact", "state": "TX", "about": {"kind": "phone"}, "old": {"value": "5205550180"},
      "new": {"value": "5205550181"}}, "Phone changed in Texas: (520) 555-0181"),
    ({"kind": "address", "state": "TX", "about": {"type_name": "Business"}, "old": {"line_1": "1 Pier"},
      "new": {"line_1": "2 Quay"}}, "Business address changed in Texas: 2 Quay"),
    ({"kind": "action", "state": "TX", "about": {"action_id": "77"}, "verb": "added"},
     "Regulatory action 77 added in Texas"),
    ({"kind": "novelty"}, "Novelty changed"),
]  # fmt: skip


@pytest.mark.parametrize(("of", "title"), TITLES, ids=[title for _, title in TITLES])
def test_a_change_is_told_in_plain_words(of: dict[str, Any], title: str) -> None:
    assert tell(a_change(**of)).title == title


def test_every_kind_has_words_and_every_source_too() -> None:
    assert set(KINDS) == set(Change.Kind)
    assert set(SOURCES) == set(Source)


@pytest.mark.parametrize("kind", Change.Kind.values)
@pytest.mark.parametrize("verb", Change.Verb.values)
def test_a_change_of_which_little_is_known_is_told_all_the_same(kind: str, verb: str) -> None:
    told = tell(a_change(kind=kind, verb=verb, source="something new"))
    assert told.title
    assert "None" not in told.title


def test_every_tracked_column_has_a_label() -> None:
    assert {name for one in TRACKED for name in one.words} - set(LABELS) == set()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("expires_on", "2026-03-05", "Mar 5, 2026"),
        ("gone_at", "2026-03-05T10:00:00+00:00", "Mar 5, 2026"),
        ("expires_on", "soon", "soon"),
        ("expires_on", None, "—"),
        ("risks", [], "—"),
        ("risks", ["ended_by_state", "line_lost"], "Ended in the last 90 days, Line of authority lost"),
        ("value", "5205550180", "(520) 555-0180"),
        ("value", "bea@cedar.example", "bea@cedar.example"),
        ("is_active", False, "Inactive"),
        ("state", "TX", "Texas"),
        ("states", ["TX", "ZZ"], "Texas, ZZ"),
        ("residency", "NR", "Nonresident"),
        ("ssn_last4", "6789", "•••-••-6789"),
        ("other_names", [{"name": "May", "kind": "Alias", "state": "TX"}], "May (Alias, TX)"),
        ("number", "0012", "0012"),
    ],
)
def test_values_are_written_as_people_read_them(name: str, value: Any, words: str) -> None:
    assert shown(name, value) == words


def test_fields_have_both_sides_and_what_is_ours_alone_is_unsaid() -> None:
    told = tell(
        a_change(
            **PRODUCER,
            old={"agency_id": 1, "agency": "Cedar", "email": ""},
            new={"agency_id": 2, "agency": "Birch", "email": "a@b.example"},
        )
    )
    assert told.fields == (("Agency", "Cedar", "Birch"), ("Email", "—", "a@b.example"))


def test_an_appointment_that_ended_is_not_told_as_at_risk() -> None:
    told = tell(
        a_change(
            **APPOINTMENT,
            old={"health": "active", "risks": []},
            new={"health": "at_risk", "risks": ["ended_by_state"]},
        )
    )
    assert told.fields == (
        ("Health", "Active", "Ended"),
        ("Reasons", "—", "Ended in the last 90 days"),
    )


def test_what_several_states_told_alike_is_told_once() -> None:
    told = tell_all([a_phone(1, "TX"), a_phone(2, "AZ"), a_phone(3, "CA")])
    [one] = told
    assert one.title == "Phone changed in 3 states: (520) 555-0181"
    assert one.states == "Arizona, California, Texas"
    assert one.fields == (("Value", "(520) 555-0180", "(520) 555-0181"),)


@pytest.mark.parametrize(
    "of",
    [
        {"at": NOON + timedelta(seconds=1)},
        {"producer_id": 2},
        {"verb": "added"},
        {"new": {"value": "5205550199"}},
        {"source": "person"},
        {"kind": "license"},
    ],
)
def test_what_differs_is_told_apart(of: dict[str, Any]) -> None:
    told = tell_all([a_phone(1, "TX"), a_phone(2, "AZ", **of)])
    assert len(told) == 2
    assert not any(one.states for one in told)


def test_a_moment_is_told_as_its_day_by_the_clock_of_the_site() -> None:
    assert shown("removed_at", "2026-11-27T03:00:00+00:00") == "Nov 26, 2026"
    assert shown("gone_at", "2026-11-27") == "Nov 27, 2026"
    assert shown("removed_at", "soon") == "soon"
