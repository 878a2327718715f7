"""How an appointment fares: a case for each reason, and what holds whatever is known."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.health import ACTION_COUNTS, TOLD_AFTER_END, Risk, judge_appointment
from muster.core.scorecard import Action, Facts, HeldAppointment, HeldLine
from tests.core.held import (
    APPOINTMENTS,
    DAY,
    FACTS,
    HEALTH,
    LIFE,
    TODAY,
    appointment,
    license,
)
from tests.core.test_scorecard import shuffled

LONG_AGO = TODAY - ACTION_COUNTS - DAY
GOOD = license(LIFE, state="TX")
EXPIRED = GOOD._replace(expires_on=TODAY - DAY)


@pytest.mark.parametrize(
    ("licenses", "actions", "risks"),
    [
        pytest.param([GOOD], [], [], id="a good license that holds the line"),
        pytest.param([], [], [Risk.LICENSE_MISSING], id="no license"),
        pytest.param([license(LIFE, state="AK")], [], [Risk.LICENSE_MISSING], id="a license elsewhere only"),
        pytest.param([GOOD._replace(is_active=False)], [], [Risk.LICENSE_INACTIVE], id="an inactive license"),
        pytest.param([EXPIRED], [], [Risk.LICENSE_EXPIRED], id="an expired license"),
        pytest.param([GOOD._replace(expires_on=TODAY)], [], [], id="a license good through today"),
        pytest.param([GOOD._replace(lines=(HEALTH,))], [], [Risk.LINE_LOST], id="the line is gone"),
        pytest.param(
            [GOOD._replace(lines=(LIFE._replace(status="Canceled"),))],
            [],
            [Risk.LINE_LOST],
            id="the line is inactive",
        ),
        pytest.param(
            [GOOD._replace(lines=(LIFE._replace(status=""),))], [], [], id="no status is told of the line"
        ),
        pytest.param(
            [license(HEALTH, state="TX", is_active=False, expires_on=TODAY - DAY)],
            [Action("TX", TODAY)],
            [Risk.LICENSE_INACTIVE, Risk.LICENSE_EXPIRED, Risk.LINE_LOST, Risk.REGULATORY_ACTION],
            id="all reasons in order",
        ),
        pytest.param([EXPIRED, GOOD], [], [], id="another good license holds the line"),
        pytest.param(
            [EXPIRED, GOOD._replace(lines=())],
            [],
            [Risk.LICENSE_EXPIRED],
            id="its license is the one that holds the line",
        ),
        pytest.param([GOOD], [Action("TX", TODAY)], [Risk.REGULATORY_ACTION], id="an action of today"),
        pytest.param(
            [GOOD], [Action("TX", TODAY - ACTION_COUNTS)], [Risk.REGULATORY_ACTION], id="one a year old"
        ),
        pytest.param([GOOD], [Action("TX", LONG_AGO)], [], id="one older than a year"),
        pytest.param([GOOD], [Action("TX", None)], [Risk.REGULATORY_ACTION], id="one without a date"),
        pytest.param([GOOD], [Action("AK", TODAY)], [], id="one of another state"),
    ],
)
def test_an_appointment_in_force_is_judged(
    licenses: list[Any], actions: list[Any], risks: list[Risk]
) -> None:
    told = judge_appointment(appointment(), licenses, actions, today=TODAY)
    assert (told.health, list(told.risks)) == ("at_risk" if risks else "active", risks)


@pytest.mark.parametrize(
    ("code", "name", "line", "is_held"),
    [
        pytest.param("16", "", HeldLine("16", "Life"), True, id="by code"),
        pytest.param("16", "Life", HeldLine("L", " LIFE"), True, id="by name, where codes differ"),
        pytest.param("16", "Life", HeldLine("17", "Life and Annuities"), False, id="not by either"),
        pytest.param("", "", HeldLine("17", "Health"), True, id="one that names no line asks for none"),
        pytest.param("", "Life", HeldLine("", "Health"), False, id="empty codes are not alike"),
    ],
)
def test_the_line_of_an_appointment_is_found(code: str, name: str, line: HeldLine, is_held: bool) -> None:
    told = judge_appointment(appointment(HeldLine(code, name)), [license(line, state="TX")], [], today=TODAY)
    assert (told.health == "active") is is_held


@pytest.mark.parametrize(
    ("over", "health", "good_until"),
    [
        pytest.param({"gone_on": TODAY}, "at_risk", TODAY + TOLD_AFTER_END, id="no longer listed today"),
        pytest.param({"gone_on": TODAY - TOLD_AFTER_END}, "at_risk", TODAY, id="on the last day it is told"),
        pytest.param({"gone_on": TODAY - TOLD_AFTER_END - DAY}, "", None, id="a day later"),
        pytest.param(
            {"status": "Terminated", "status_on": TODAY - DAY}, "at_risk", None, id="ended yesterday"
        ),
        pytest.param({"status": "Terminated"}, "", None, id="nobody tells when it ended"),
        pytest.param(
            {"status": "Terminated", "status_on": date(2020, 1, 1), "gone_on": TODAY},
            "",
            None,
            id="one that ended long ago and is no longer listed since today",
        ),
    ],
)
def test_an_ended_appointment_is_told_for_a_while(
    over: dict[str, Any], health: str, good_until: date | None
) -> None:
    told = judge_appointment(appointment(**over), [GOOD], [Action("TX", TODAY)], today=TODAY)
    assert told.health == health
    assert told.risks == ((Risk.ENDED_BY_STATE,) if health else ())
    assert good_until is None or told.good_until == good_until


@given(APPOINTMENTS, FACTS, st.randoms(use_true_random=False))
def test_health_is_a_function_of_what_is_known_in_whatever_order(
    one: HeldAppointment, known: Facts, drawing: random.Random
) -> None:
    told = judge_appointment(one, known.licenses, known.actions, today=TODAY)
    again = shuffled(known, drawing)
    assert judge_appointment(one, again.licenses, again.actions, today=TODAY) == told
    assert (told.health == "at_risk") == bool(told.risks)
    assert list(told.risks) == sorted(told.risks, key=list(Risk).index)


@given(APPOINTMENTS, FACTS, st.integers(0, 800))
def test_health_holds_as_long_as_it_says(one: HeldAppointment, known: Facts, days: int) -> None:
    told = judge_appointment(one, known.licenses, known.actions, today=TODAY)
    last = told.good_until or date.max
    assert last >= TODAY
    later = judge_appointment(one, known.licenses, known.actions, today=min(last, TODAY + days * DAY))
    assert later[:2] == told[:2]
