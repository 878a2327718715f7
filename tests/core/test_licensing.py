"""What a license is likely to cost, state by state, and when it may be renewed: unknown is never nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.core.licensing import (
    Line,
    estimate_license,
    estimate_renewal,
    in_class,
    lines_told,
    renewal_window,
    window_days,
)
from muster.core.lines import known_lines
from muster.core.rules.book import rulebook
from muster.core.rules.rule import Override, Standing
from muster.core.words import states

DAY = date(2026, 11, 27)

steady = settings(deadline=None, max_examples=100, derandomize=True)

LIFE, HEALTH, CASUALTY, PROPERTY = "Life", "Accident and Health or Sickness", "Casualty", "Property"
SURPLUS = "Surplus Lines"
SURPLUS_OF_DC = "SURPLUS LINES AUTH."


def priced(estimate: Any = estimate_license, /, **over: Any) -> Any:
    asked: dict[str, Any] = {
        "state": "CA",
        "residency": "nonresident",
        "home_state": "CA",
        "entity": "individual",
        "lines": [Line(LIFE)],
        "on": DAY,
        **over,
    }
    return estimate(rulebook(), **asked)


class Case(NamedTuple):
    """What a state asks for, in dollars, and where that is read; None is unknown."""

    state: str
    residency: str
    home_state: str
    lines: tuple[str, ...]
    new: float | None
    renewal: float | None
    source: str


AGENTSYNC = "https://agentsync.io/compliance-library/jurisdictions/"

# The source is that which the rule itself must cite.
CASES = (
    Case("AL", "resident", "AL", (LIFE, PROPERTY), 80, 70, f"{AGENTSYNC}alabama"),
    Case("AK", "nonresident", "CA", (LIFE,), 75, None, "https://www.rhoadsonline.com/alaska-regulatory"),
    Case("AZ", "resident", "AZ", (LIFE, CASUALTY), 120, 120, f"{AGENTSYNC}arizona"),
    Case("CA", "resident", "CA", (LIFE,), 188, None, f"{AGENTSYNC}california"),
    Case("CA", "resident", "CA", (SURPLUS,), 646, None, f"{AGENTSYNC}california"),
    Case("CO", "nonresident", "CA", (LIFE, PROPERTY), 142, 43, "https://agentsync.io/?p=11355"),
    Case("DC", "nonresident", "CA", (SURPLUS_OF_DC,), 200, 200, f"{AGENTSYNC}district-of-columbia"),
    Case("DC", "nonresident", "CA", (SURPLUS_OF_DC, LIFE), 300, 300, f"{AGENTSYNC}district-of-columbia"),
    Case("FL", "nonresident", "CA", (LIFE,), 50, None, f"{AGENTSYNC}florida"),
    Case("FL", "nonresident", "CA", (SURPLUS,), None, None, f"{AGENTSYNC}florida"),
    Case("GA", "resident", "GA", (PROPERTY, CASUALTY), 120, None, f"{AGENTSYNC}georgia"),
    Case("GA", "nonresident", "CA", (LIFE, HEALTH, PROPERTY, CASUALTY), 220, None, f"{AGENTSYNC}georgia"),
    Case("GA", "nonresident", "CA", (LIFE, PROPERTY), None, None, ""),
    Case("IN", "resident", "IN", (LIFE,), 40, 40, f"{AGENTSYNC}indiana"),
    Case("IN", "nonresident", "IL", (LIFE,), None, None, f"{AGENTSYNC}indiana"),
    Case("KY", "nonresident", "CA", (LIFE,), 50, None, f"{AGENTSYNC}kentucky"),
    Case("LA", "resident", "LA", (LIFE, PROPERTY), 150, None, f"{AGENTSYNC}louisiana"),
    Case("LA", "nonresident", "CA", (LIFE,), None, 50, ""),
    Case("LA", "nonresident", "CA", (LIFE, PROPERTY), None, 55, ""),
    Case("LA", "nonresident", "CA", (SURPLUS,), None, 350, ""),
    Case("MN", "nonresident", "CA", (LIFE, PROPERTY), 100, 50, f"{AGENTSYNC}minnesota"),
    Case("NY", "nonresident", "CA", (LIFE,), None, None, f"{AGENTSYNC}new-york"),
    Case("OH", "resident", "OH", (LIFE, PROPERTY), 20, 0, f"{AGENTSYNC}ohio"),
    Case("PR", "resident", "PR", (CASUALTY,), 1050, 1050, f"{AGENTSYNC}puerto-rico"),
    Case("TN", "resident", "TN", (LIFE,), 50, 60, f"{AGENTSYNC}tennessee"),
    Case(
        "TN", "nonresident", "CA", (LIFE,), 144, None, "info.5y1.org (Tennessee retaliatory fee sheet, copy)"
    ),
    Case(
        "TN", "nonresident", "TX", (LIFE,), None, None, "info.5y1.org (Tennessee retaliatory fee sheet, copy)"
    ),
    Case(
        "TN", "nonresident", "", (LIFE,), None, None, "info.5y1.org (Tennessee retaliatory fee sheet, copy)"
    ),
    # Told per type of license: of two types nobody has told what they cost together.
    Case("TX", "nonresident", "CA", (LIFE, PROPERTY), None, 50, f"{AGENTSYNC}texas"),
    Case("TX", "nonresident", "CA", (LIFE,), 50, 50, f"{AGENTSYNC}texas"),
    Case("UT", "resident", "UT", (SURPLUS,), 75, None, f"{AGENTSYNC}utah"),
    Case("VA", "nonresident", "CA", ("Life and Annuities",), 15, 10, f"{AGENTSYNC}virginia"),
    Case("WA", "nonresident", "CA", (LIFE,), 60, 55, f"{AGENTSYNC}washington"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.state} {case.residency} {len(case.lines)}")
def test_a_license_costs_what_the_state_is_cited_to_ask_for(case: Case) -> None:
    asked = {
        "state": case.state,
        "residency": case.residency,
        "home_state": case.home_state,
        "lines": [Line(name) for name in case.lines],
        "registry_fee": 560,
    }
    new, renewal = priced(**asked), priced(estimate_renewal, **asked)
    dollars = [None if one.by("state") is None else one.by("state") / 100 for one in (new, renewal)]
    assert dollars == [case.new, case.renewal]
    assert {one.by("registry") for one in (new, renewal)} == {560}
    assert new.parts[0].source.startswith(case.source)
    assert (new.cents is None) is (case.new is None)


def test_at_least_ten_states_are_among_the_cases() -> None:
    assert len({case.state for case in CASES}) >= 10


def test_an_unknown_part_makes_the_whole_unknown_and_is_counted() -> None:
    estimate = priced(state="KY", residency="resident", registry_fee=560)
    assert (estimate.cents, estimate.known, estimate.unknown) == (None, 560, 1)
    assert estimate.parts[0].text == "40 + 40 per LOA + 50 exam"


def test_what_the_registry_takes_is_unknown_until_it_is_set() -> None:
    estimate = priced(residency="resident")
    assert (estimate.by("state"), estimate.by("registry"), estimate.cents) == (18800, None, None)


def test_each_class_is_a_license_with_fees_of_its_own() -> None:
    estimate = priced(residency="resident", lines=[Line(LIFE), Line(SURPLUS)], registry_fee=560)
    assert estimate.cents == 18800 + 64600 + 2 * 560
    assert [part.payee for part in estimate.parts] == ["state", "registry"] * 2


def test_nothing_asked_for_costs_nothing() -> None:
    assert priced(lines=[]).cents == 0


def test_a_line_is_taken_to_be_in_the_class_that_commonly_carries_it() -> None:
    assert in_class("CA", Line(LIFE)).class_code == "9001"
    assert in_class("CA", Line("Reading of tea leaves")) == Line("Reading of tea leaves")


def test_an_organization_s_own_fee_takes_the_place_of_the_state_s_for_every_class() -> None:
    at = datetime(2026, 4, 30, tzinfo=UTC)
    own = Override("CA", "fees", "license_new", 9900, date(2026, 5, 1), "As billed.", "Robin", at)
    book = rulebook().with_overrides([own])
    asked: dict[str, Any] = {
        "state": "CA",
        "residency": "resident",
        "home_state": "CA",
        "entity": "individual",
        "lines": [Line(LIFE), Line(SURPLUS)],
    }
    estimate = estimate_license(book, on=DAY, **asked)
    assert [part.cents for part in estimate.parts if part.payee == "state"] == [9900, 9900]
    assert estimate.parts[0].standing is Standing.OVERRIDDEN
    assert estimate_license(book, on=date(2026, 4, 30), **asked).by("state") == 18800 + 64600


def test_what_being_late_costs_is_unknown() -> None:
    asked: dict[str, Any] = {"state": "TX", "registry_fee": 560}
    assert priced(estimate_renewal, expires_on=DAY, **asked).cents == 5560
    late = priced(estimate_renewal, expires_on=date(2026, 11, 26), **asked)
    assert (late.cents, late.by("registry")) == (None, 560)


@steady
@given(
    state=st.sampled_from(sorted(states())),
    residency=st.sampled_from(("resident", "nonresident")),
    home=st.sampled_from(("", "CA", "TX", "IL")),
    entity=st.sampled_from(("individual", "agency")),
    count=st.integers(1, 6),
    fee=st.sampled_from((None, 0, 560)),
)
def test_the_sum_is_told_only_if_every_part_is(
    state: str, residency: str, home: str, entity: str, count: int, fee: int | None
) -> None:
    lines = [
        Line(one.name, one.code, one.class_code, one.class_name)
        for one in known_lines()
        if one.state == state
    ]
    for estimate in (estimate_license, estimate_renewal):
        found = priced(
            estimate,
            state=state,
            residency=residency,
            home_state=home,
            entity=entity,
            lines=lines[:count],
            registry_fee=fee,
        )
        unknown = [part for part in found.parts if part.cents is None]
        assert (found.cents is None) is bool(unknown)
        assert found.unknown == len(unknown)
        assert all(part.standing is Standing.UNKNOWN for part in unknown)
        assert all(part.source for part in found.parts if part.payee == "state" and part.cents is not None)


# --- the window of renewal -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "expires_on", "opens_on"),
    [
        ("TX", date(2027, 3, 31), date(2026, 12, 31)),
        ("DC", date(2027, 3, 31), date(2027, 1, 30)),
        ("NY", date(2027, 3, 31), date(2026, 10, 2)),
        ("MN", date(2027, 3, 31), None),
        ("CA", date(2027, 3, 31), None),
        ("TX", None, None),
    ],
)
def test_a_window_opens_as_the_state_is_told_to_open_it_and_else_nobody_knows(
    state: str, expires_on: date | None, opens_on: date | None
) -> None:
    assert renewal_window(rulebook(), state=state, expires_on=expires_on, on=DAY).opens_on == opens_on


def test_states_that_tell_no_window_are_left_out() -> None:
    told = window_days(rulebook(), states(), DAY)
    assert told["TX"] == 90
    assert "CA" not in told


def test_many_lines_are_told_in_few_words() -> None:
    assert lines_told(["Life"]) == "Life"
    assert lines_told(["A", "B", "C", "D", "E", "A"]) == "A; B; C and 2 more"


@pytest.mark.parametrize(
    ("state", "names", "cents"),
    [
        ("DE", (LIFE,), 2500),
        ("NJ", (LIFE,), 2000),
        # Told for one line; of two nobody has told what they cost.
        ("NJ", (LIFE, CASUALTY), None),
        ("TX", (LIFE,), None),
    ],
)
def test_adding_lines_to_a_license_that_is_held_costs_what_the_state_takes_for_that(
    state: str, names: tuple[str, ...], cents: int | None
) -> None:
    lines = [in_class(state, Line(name)) for name in names]
    asked = {"state": state, "lines": lines, "registry_fee": 560}
    held = priced(**asked, held=[lines[0].class_name])
    assert (held.by("state"), held.by("registry")) == (cents, 560)
    assert priced(**asked, held=["Some Other License"]) == priced(**asked)


@steady
@given(
    chosen=st.lists(st.sampled_from(known_lines()), min_size=1, max_size=4, unique=True),
    residency=st.sampled_from(("resident", "nonresident")),
    estimate=st.sampled_from((estimate_license, estimate_renewal)),
)
def test_one_more_line_never_makes_a_license_cheaper(
    chosen: list[Any], residency: str, estimate: Any
) -> None:
    state = chosen[0].state
    lines = [
        Line(known.name, known.code, known.class_code, known.class_name)
        for known in [*chosen, *(one for one in known_lines() if one.state == state and one.is_general)][:6]
        if known.state == state
    ]
    home = state if residency == "resident" else "CA"
    costs = [
        priced(estimate, state=state, residency=residency, home_state=home, lines=lines[:count]).by("state")
        for count in range(1, len(lines) + 1)
    ]
    known = [cents for cents in costs if cents is not None]
    assert known == sorted(known)
    # What is unknown of some lines is not known of more.
    assert None not in costs[: len(known)]
