"""How an assignment is judged: a case for each rule, and what holds whatever is known."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.scorecard import Facts, GapKind, HeldLine, Met, Verdict, Wanted, judge, unplaced_lines
from tests.core.held import (
    CASUALTY,
    COMPANY,
    DAY,
    FACTS,
    HEALTH,
    LIFE,
    ODD,
    TODAY,
    WANTED,
    appointment,
    license,
)

YES, NO, UNKNOWN, NOT_NEEDED = Met.YES, Met.NO, Met.UNKNOWN, Met.NOT_NEEDED

LICENSED = Wanted(["life"], ["TX"])
APPOINTED = LICENSED._replace(scorecard_type="license_and_appointment", cocodes=[COMPANY])
PERFECT = Facts(True, [license(LIFE, state="TX")], [appointment(LIFE)])


def facts(*licenses: Any, **over: Any) -> Facts:
    return Facts(True, [one._replace(state="TX") for one in licenses])._replace(**over)


@pytest.mark.parametrize(
    ("known", "license_met", "line_met", "gap"),
    [
        pytest.param(facts(license(LIFE)), YES, YES, None, id="all is held"),
        pytest.param(facts(), NO, NO, GapKind.LICENSE_MISSING, id="no license at all"),
        pytest.param(
            Facts(True, [license(LIFE, state="AK")]), NO, NO, GapKind.LICENSE_MISSING, id="one elsewhere"
        ),
        pytest.param(
            facts(license(LIFE, class_code="odd", class_name="Moon seller", state="TX")),
            YES,
            YES,
            None,
            id="a class that no rule knows counts as a producer's",
        ),
        pytest.param(
            facts(license(LIFE, is_active=False)), NO, NO, GapKind.LICENSE_INACTIVE, id="an inactive license"
        ),
        pytest.param(
            facts(license(LIFE, is_active=False, expires_on=TODAY - DAY)),
            NO,
            NO,
            GapKind.LICENSE_INACTIVE,
            id="one inactive and expired is called inactive",
        ),
        pytest.param(
            facts(license(LIFE, expires_on=TODAY - DAY)), NO, NO, GapKind.LICENSE_EXPIRED, id="one expired"
        ),
        pytest.param(facts(license(LIFE, expires_on=TODAY)), YES, YES, None, id="one good through today"),
        pytest.param(facts(license(LIFE, expires_on=None)), YES, YES, None, id="one that does not expire"),
        pytest.param(
            facts(license(LIFE, is_active=False), license(HEALTH, expires_on=TODAY - DAY)),
            NO,
            NO,
            GapKind.LICENSE_EXPIRED,
            id="of an inactive and an expired one the expired is nearer",
        ),
        pytest.param(
            facts(license(LIFE, is_active=False), license(LIFE)),
            YES,
            YES,
            None,
            id="one good license will do",
        ),
        pytest.param(facts(license(HEALTH)), YES, NO, GapKind.LINE_MISSING, id="another line"),
        pytest.param(facts(license()), YES, NO, GapKind.LINE_MISSING, id="no line"),
        pytest.param(facts(license(ODD)), YES, NO, GapKind.LINE_MISSING, id="a line that no rule knows"),
        pytest.param(
            facts(license(LIFE._replace(status="Canceled"))),
            YES,
            NO,
            GapKind.LINE_INACTIVE,
            id="the line is not active",
        ),
        pytest.param(
            facts(license(LIFE._replace(status="Canceled"), HeldLine("", "LIFE "))),
            YES,
            YES,
            None,
            id="one active line of the category will do",
        ),
        pytest.param(
            facts(license(LIFE._replace(status=" "))), YES, UNKNOWN, None, id="no status is told of the line"
        ),
        pytest.param(
            facts(license(HEALTH), license(LIFE, expires_on=TODAY - DAY)),
            YES,
            NO,
            GapKind.LINE_MISSING,
            id="the line stands on an expired license only",
        ),
    ],
)
def test_license_and_line_are_judged(
    known: Facts, license_met: Met, line_met: Met, gap: GapKind | None
) -> None:
    [line] = judge(LICENSED, known, today=TODAY).lines
    assert (line.license, line.line, line.appointment, line.gap) == (license_met, line_met, NOT_NEEDED, gap)


def test_a_license_of_another_agent_type_does_not_count() -> None:
    wanted = Wanted(["adjuster"], ["AK"], agent_type="adjuster")
    assert (
        judge(wanted, Facts(True, [license(CASUALTY)]), today=TODAY).lines[0].gap == GapKind.LICENSE_MISSING
    )
    adjusters = license(HeldLine("CAS", "Casualty"), class_code="IA")
    assert judge(wanted, Facts(True, [adjusters]), today=TODAY).percent == 100
    assert judge(Wanted(["casualty"], ["AK"]), Facts(True, [adjusters]), today=TODAY).percent == 0


@pytest.mark.parametrize(
    ("appointments", "over", "met", "gap"),
    [
        pytest.param([appointment()], {}, YES, None, id="in force"),
        pytest.param([], {}, NO, GapKind.APPOINTMENT_MISSING, id="none"),
        pytest.param([appointment(HEALTH)], {}, NO, GapKind.APPOINTMENT_MISSING, id="one of another line"),
        pytest.param(
            [appointment(cocode="54321")], {}, NO, GapKind.APPOINTMENT_MISSING, id="one of another company"
        ),
        pytest.param([appointment(state="AK")], {}, NO, GapKind.APPOINTMENT_MISSING, id="one elsewhere"),
        pytest.param([appointment(ODD)], {}, NO, GapKind.APPOINTMENT_MISSING, id="one of an unknown line"),
        pytest.param(
            [appointment(status="Terminated")], {}, NO, GapKind.APPOINTMENT_ENDED, id="one that ended"
        ),
        pytest.param(
            [appointment(gone_on=TODAY)], {}, NO, GapKind.APPOINTMENT_ENDED, id="one no longer listed"
        ),
        pytest.param(
            [appointment(status="Terminated"), appointment()], {}, YES, None, id="one ended, one in force"
        ),
        pytest.param([], {"scorecard_type": "license"}, NOT_NEEDED, None, id="licenses are asked for only"),
        pytest.param([appointment()], {"cocodes": []}, UNKNOWN, None, id="no company is named"),
    ],
)
def test_an_appointment_is_judged(
    appointments: list[Any], over: dict[str, Any], met: Met, gap: GapKind | None
) -> None:
    known = PERFECT._replace(appointments=appointments)
    [line] = judge(APPOINTED._replace(**over), known, today=TODAY).lines
    assert (line.appointment, line.gap) == (met, gap)


@pytest.mark.parametrize(("state", "met"), [("CO", NOT_NEEDED), ("AS", UNKNOWN)])
def test_a_state_that_files_none_needs_none_and_one_that_may_is_unknown(state: str, met: Met) -> None:
    [line] = judge(APPOINTED._replace(states=[state]), PERFECT, today=TODAY).lines
    assert line.appointment == met


def test_there_is_a_line_for_each_state_category_and_company() -> None:
    wanted = APPOINTED._replace(states=["TX", "CO"], categories=["life", "health"], cocodes=["1", "2"])
    lines = judge(wanted, PERFECT, today=TODAY).lines
    assert len({line[:3] for line in lines}) == len(lines) == 8
    licensed = judge(wanted._replace(scorecard_type="license"), PERFECT, today=TODAY).lines
    assert {line.cocode for line in licensed} == {""}


def test_the_first_check_that_fails_is_the_gap() -> None:
    [line] = judge(APPOINTED, facts(license(HEALTH, expires_on=TODAY - DAY)), today=TODAY).lines
    assert (line.license, line.line, line.appointment) == (NO, NO, NO)
    assert line.gap == GapKind.LICENSE_EXPIRED


def test_who_was_never_synced_lacks_the_sync_and_nothing_is_known() -> None:
    verdict = judge(APPOINTED._replace(states=["TX", "CO"]), Facts(False), today=TODAY)
    assert [line.gap for line in verdict.lines] == [GapKind.NOT_SYNCED] * 2
    assert [line[3:6] for line in verdict.lines] == [
        (UNKNOWN, UNKNOWN, UNKNOWN),
        (UNKNOWN, UNKNOWN, NOT_NEEDED),
    ]
    assert (verdict.percent, verdict.ready, verdict.unknown) == (0, 0, 2)


def test_percent_is_the_share_of_needed_checks_and_unknown_ones_are_not_met() -> None:
    wanted = APPOINTED._replace(states=["TX", "CO", "AS"])
    known = Facts(True, [license(LIFE, state=state) for state in ("TX", "CO", "AS")])
    verdict = judge(wanted, known, today=TODAY)
    # Two of three, two of two, and one of three: the rules know no line of American Samoa.
    assert (verdict.percent, verdict.ready, verdict.unknown) == (62, 1, 1)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_judged", "good_until"),
    [
        pytest.param(TODAY + DAY, None, False, TODAY, id="before it starts"),
        pytest.param(TODAY, TODAY, True, TODAY, id="on its only day"),
        pytest.param(None, TODAY - DAY, False, None, id="after its end"),
        pytest.param(None, date(2027, 1, 1), True, date(2027, 1, 1), id="it ends before the license"),
        pytest.param(None, date(2040, 1, 1), True, date(2030, 1, 1), id="the license ends before it"),
    ],
)
def test_outside_its_dates_an_assignment_is_not_judged(
    starts_on: date | None, ends_on: date | None, is_judged: bool, good_until: date | None
) -> None:
    wanted = LICENSED._replace(starts_on=starts_on, ends_on=ends_on)
    verdict = judge(wanted, PERFECT, today=TODAY)
    assert (bool(verdict.lines), verdict.good_until) == (is_judged, good_until)


def test_held_lines_that_no_rule_knows_are_told() -> None:
    known = Facts(True, [license(LIFE, ODD), license(ODD, state="TX", is_active=False)])
    assert unplaced_lines(known, states=["AK", "TX"], today=TODAY) == [("AK", ODD)]


@given(WANTED, FACTS)
def test_all_is_met_exactly_where_nothing_lacks_and_all_is_known(wanted: Wanted, known: Facts) -> None:
    verdict = judge(wanted, known, today=TODAY)
    is_ready = [
        line.gap is None and UNKNOWN not in (line.license, line.line, line.appointment)
        for line in verdict.lines
    ]
    assert [line.is_ready for line in verdict.lines] == is_ready
    assert (verdict.percent == 100) == all(is_ready)
    assert 0 <= verdict.percent <= 100
    assert verdict.ready == sum(is_ready)
    for line in verdict.lines:
        assert (line.gap is None) == (NO not in line[3:6] and line.gap != GapKind.NOT_SYNCED)


@given(WANTED, FACTS, st.randoms(use_true_random=False))
def test_judging_is_a_function_of_what_is_known_in_whatever_order(
    wanted: Wanted, known: Facts, drawing: random.Random
) -> None:
    verdict = judge(wanted, known, today=TODAY)
    assert judge(wanted, known, today=TODAY) == verdict
    assert judge(wanted, shuffled(known, drawing), today=TODAY) == verdict


def shuffled(known: Facts, drawing: random.Random) -> Facts:
    """The same in another order."""
    return known._replace(
        licenses=[
            one._replace(lines=tuple(drawing.sample(one.lines, len(one.lines))))
            for one in drawing.sample(list(known.licenses), len(known.licenses))
        ],
        appointments=drawing.sample(list(known.appointments), len(known.appointments)),
        actions=drawing.sample(list(known.actions), len(known.actions)),
    )


@given(WANTED, FACTS, st.integers(0, 800))
def test_a_verdict_holds_as_long_as_it_says(wanted: Wanted, known: Facts, days: int) -> None:
    verdict = judge(wanted, known, today=TODAY)
    last = verdict.good_until or date.max
    assert last >= TODAY
    later: Verdict = judge(wanted, known, today=min(last, TODAY + days * DAY))
    assert later[:4] == verdict[:4]
