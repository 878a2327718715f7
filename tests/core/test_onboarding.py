"""The steps of an onboarding, and what is kept of a registry's report."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from muster.core.onboarding import FOLLOWS, DraftStatus, Step, after, may_follow, missing, reached
from muster.core.onboarding_facts import (
    chosen_lines,
    common_lines,
    differences,
    facts_of,
    granted_lines,
    is_stale,
    listed,
)
from muster.core.report import Address, Contact, License, Line, ProducerReport
from muster.core.words import states

TODAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)

REPORT = ProducerReport(
    npn="4711",
    first_name="Iris",
    last_name="Vale",
    born_on=date(1980, 4, 5),
    ssn="123456789",
    addresses=(
        Address("GA", "1", "Residence", "9 Elm Rd", city="Macon", address_state="GA", zip="31201"),
        Address("GA", "2", "Business", "1 Main St", city="Macon", address_state="GA", zip="31201"),
    ),
    contacts=(Contact("FL", "email", "other@example.com"), Contact("GA", "email", "iris@example.com")),
    licenses=(
        License("FL", "F1", residency="R", is_active=False),
        License(
            "GA",
            "G1",
            residency="R",
            is_active=True,
            expires_on=date(2027, 1, 1),
            lines=(Line("1", "Life", "Active"), Line("2", "Property", "Inactive")),
        ),
        License("TX", "T1", residency="NR", is_active=True, expires_on=date(2026, 11, 26)),
    ),
)


def test_facts_are_of_the_home_state_and_hold_neither_ssn_nor_birthday() -> None:
    facts = facts_of(REPORT, today=TODAY)
    assert (facts["home_state"], facts["email"]) == ("GA", "iris@example.com")
    assert facts["address"] == "1 Main St, Macon, GA 31201"
    assert [(one["state"], one["in_force"], one["lines"]) for one in facts["licenses"]] == [
        ("FL", False, []),
        ("GA", True, ["Life"]),
        ("TX", False, []),
    ]
    assert "123456789" not in str(facts)
    assert "1980" not in str(facts)


def test_what_differs_between_two_look_ups_is_told_in_words() -> None:
    before = facts_of(REPORT, today=TODAY)
    changed = REPORT._replace(last_name="Vale-Orr", licenses=REPORT.licenses[:1], contacts=(), addresses=())
    assert differences(before, facts_of(changed, today=TODAY)) == [
        "the name",
        "the email address",
        "the address",
        "licenses in GA and TX",
    ]
    assert differences(before, before) == []


def test_only_lines_that_can_be_applied_for_are_chosen() -> None:
    facts = facts_of(REPORT, today=TODAY)
    assert chosen_lines("GA", ["PROPERTY", "Life", "No such line"], facts) == ["Property"]
    assert chosen_lines("AS", ["Life"], facts) == []


COMMON = [
    ("TX", "life", "Life"),
    ("AR", "life", "Life"),
    ("CA", "life", "Life"),
    ("CO", "health", "Accident and Health"),
    ("IL", "property", "Fire"),
    ("NC", "health", "Accident & Health or Sickness"),
    ("NH", "casualty", "Casualty"),
    ("NJ", "life", "Life"),
    ("NM", "variable", "Variable Life and Variable Annuity"),
]


@pytest.mark.parametrize(("state", "category", "line"), COMMON)
def test_of_a_category_the_line_that_producers_commonly_hold_is_offered(
    state: str, category: str, line: str
) -> None:
    assert common_lines(state, category, {}) == [line]


def test_nothing_of_a_category_is_offered_where_a_line_of_it_is_held_or_none_is_granted() -> None:
    def holding(state: str, line: str) -> dict[str, Any]:
        return {"licenses": [{"state": state, "in_force": True, "lines": [line]}]}

    assert common_lines("CA", "life", holding("CA", "Life")) == []
    assert common_lines("NH", "property", holding("NH", "Property & Casualty")) == []
    assert common_lines("TX", "life", holding("CA", "Life")) == ["Life"]
    assert common_lines("AS", "life", {}) == []


def test_of_each_category_a_state_that_grants_it_offers_a_single_line() -> None:
    for state in states():
        for category in ("life", "health", "property", "casualty", "personal_lines", "variable"):
            granted = [one for one in granted_lines(state) if one.categories == (category,)]
            assert len(common_lines(state, category, {})) == min(1, len(granted))


def test_states_have_lines_of_their_own_and_two_have_none_on_file() -> None:
    assert [state for state in states() if not granted_lines(state)] == ["AS", "MP"]
    assert len({tuple(one.name for one in granted_lines(state)) for state in states()}) > 20


@pytest.mark.parametrize(
    ("words", "told"), [([], ""), (["CA"], "CA"), (["CA", "TX"], "CA and TX"), ([*"ABC"], "A, B and C")]
)
def test_words_are_listed_as_a_sentence_does(words: list[str], told: str) -> None:
    assert listed(words) == told


def test_facts_are_old_after_a_week() -> None:
    assert not is_stale(NOW - timedelta(days=7), now=NOW)
    assert is_stale(NOW - timedelta(days=7, seconds=1), now=NOW)
    assert not is_stale(None, now=NOW)


FILLED = {"email": "a@b.example", "new_paid_by": "agency", "renewal_paid_by": "producer"}
CASES = [
    (Step.DETAILS, FILLED, {"CA": []}, []),
    (Step.DETAILS, FILLED | {"email": "", "new_paid_by": ""}, {}, ["email", "new_paid_by"]),
    (Step.STATES, FILLED | {"email": ""}, {"CA": ["Life"], "TX": []}, ["lines_TX"]),
    (Step.STATES, FILLED, {}, []),
    (Step.REVIEW, FILLED | {"renewal_paid_by": ""}, {"TX": []}, ["renewal_paid_by", "lines_TX"]),
]


@pytest.mark.parametrize(("step", "filled", "choices", "lacks"), CASES)
def test_each_step_says_what_it_lacks(
    step: Step, filled: dict[str, str], choices: dict[str, list[str]], lacks: list[str]
) -> None:
    assert missing(step, **filled, choices=choices) == lacks


def test_no_step_is_reached_before_the_one_ahead_of_it() -> None:
    assert [reached(step=Step.STATES, asked=step) for step in Step] == [
        Step.DETAILS,
        Step.STATES,
        Step.STATES,
    ]
    assert [after(step) for step in Step] == [Step.STATES, Step.REVIEW, Step.REVIEW]


def test_what_has_ended_stays_so() -> None:
    assert set(FOLLOWS) == set(DraftStatus)
    ended = [status for status in DraftStatus if not FOLLOWS[status]]
    assert ended == [DraftStatus.ONBOARDED, DraftStatus.DISCARDED]
    assert may_follow(DraftStatus.READY, DraftStatus.ONBOARDED)
    assert not may_follow(DraftStatus.IDENTIFIED, DraftStatus.ONBOARDED)
