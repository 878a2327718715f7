"""What producers hold, for tests: a license with lines whose categories the rules know, and strategies."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from muster.core.report import APPOINTED
from muster.core.scorecard import Action, Facts, HeldAppointment, HeldLicense, HeldLine, Wanted

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)

LIFE = HeldLine("", "Life")
HEALTH = HeldLine("", "Health")
CASUALTY = HeldLine("", "Casualty")
ODD = HeldLine("9", "Moon travel")
"""A line that no rule knows."""

COMPANY = "12345"


def license(*lines: HeldLine, state: str = "AK", **over: Any) -> HeldLicense:
    """A producer's license, active and good for years."""
    return HeldLicense(
        **{
            "state": state,
            "class_code": "PRO",
            "class_name": "Insurance Producer",
            "is_active": True,
            "expires_on": date(2030, 1, 1),
            "lines": lines,
            **over,
        }
    )


def appointment(line: HeldLine = LIFE, *, state: str = "TX", **over: Any) -> HeldAppointment:
    """An appointment in force."""
    return HeldAppointment(
        **{"state": state, "cocode": COMPANY, "line_code": line.code, "line_name": line.name, **over}
    )


STATES = st.sampled_from(["TX", "AK", "CO", "AS"])
LINES = st.sampled_from(
    [LIFE, HEALTH, CASUALTY, ODD, LIFE._replace(status="Inactive"), HEALTH._replace(status="")]
)
NEAR = st.integers(-400, 400).map(lambda days: TODAY + timedelta(days=days))
FIRST_OR_LAST = st.sampled_from([date.min, date.max])
"""The days that stand where nobody knows a better one."""

DAYS = st.one_of(NEAR, NEAR, NEAR, FIRST_OR_LAST)
LICENSES = st.builds(
    HeldLicense,
    state=STATES,
    class_code=st.sampled_from(["PRO", "IA", "odd"]),
    class_name=st.just(""),
    is_active=st.booleans(),
    expires_on=st.none() | DAYS,
    lines=st.lists(LINES, max_size=3).map(tuple),
)
APPOINTMENTS = st.builds(
    HeldAppointment,
    state=STATES,
    cocode=st.sampled_from([COMPANY, "54321"]),
    line_code=st.just(""),
    line_name=st.sampled_from(["Life", "Health", "Moon travel", ""]),
    status=st.sampled_from([APPOINTED, APPOINTED, "Terminated"]),
    status_on=st.none() | DAYS,
    gone_on=st.none() | DAYS,
)
ACTIONS = st.builds(Action, state=STATES, on=st.none() | DAYS)
FACTS = st.builds(
    Facts,
    was_synced=st.sampled_from([True, True, True, False]),
    licenses=st.lists(LICENSES, max_size=5),
    appointments=st.lists(APPOINTMENTS, max_size=4),
    actions=st.lists(ACTIONS, max_size=2),
)
WANTED = st.builds(
    Wanted,
    categories=st.lists(st.sampled_from(["life", "health", "casualty"]), min_size=1, unique=True),
    states=st.lists(STATES, min_size=1, unique=True),
    cocodes=st.lists(st.sampled_from([COMPANY, "54321"]), min_size=1, unique=True),
    scorecard_type=st.sampled_from(["license", "license_and_appointment"]),
    agent_type=st.sampled_from(["producer", "adjuster"]),
    starts_on=st.none() | DAYS,
    ends_on=st.none() | DAYS,
)
