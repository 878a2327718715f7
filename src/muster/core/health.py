"""Whether an appointment is still good today: what puts it at risk, all reasons in order.

Its license is the one in its state that holds its line; where none does, the best one there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal, NamedTuple

from muster.core.days import day_after
from muster.core.lines import REMEMBERED, folded
from muster.core.report import APPOINTED
from muster.core.scorecard import Action, HeldAppointment, HeldLicense, HeldLine

TOLD_AFTER_END = timedelta(days=90)
"""So long an appointment that ended is shown as at risk: long enough for a quarter's review."""

ACTION_COUNTS = timedelta(days=365)
"""So long a regulatory action puts the state's appointments at risk after it was entered."""


class Risk(StrEnum):
    """Why an appointment is not safe, in the order in which reasons are told."""

    LICENSE_MISSING = "license_missing"
    LICENSE_INACTIVE = "license_inactive"
    LICENSE_EXPIRED = "license_expired"
    LINE_LOST = "line_lost"
    ENDED_BY_STATE = "ended_by_state"
    REGULATORY_ACTION = "regulatory_action"


RISK_WORDS: Mapping[str, str] = {
    Risk.LICENSE_MISSING: "No license in the state",
    Risk.LICENSE_INACTIVE: "License inactive",
    Risk.LICENSE_EXPIRED: "License expired",
    Risk.LINE_LOST: "Line of authority lost",
    Risk.ENDED_BY_STATE: "Ended in the last 90 days",
    Risk.REGULATORY_ACTION: "Regulatory action",
}
"""Why an appointment is told of, in the order in which reasons are told.

All but `ENDED_BY_STATE` put one at risk that is in force; why one ended, the state says in its own words.
"""


class Health(NamedTuple):
    """How an appointment fares on a day; `health` is empty for one that ended long ago.

    If no fact changes, that holds through `good_until`; for ever if that is None.
    """

    health: Literal["active", "at_risk", ""]
    risks: tuple[Risk, ...]
    good_until: date | None


ENDED_LONG_AGO = Health("", (), None)


def judge_appointment(
    appointment: HeldAppointment,
    licenses: Sequence[HeldLicense],
    actions: Sequence[Action],
    *,
    today: date,
) -> Health:
    """Judge an appointment by the licenses and actions of its producer that the registry lists.

    One that ended is at risk for `TOLD_AFTER_END` and has no health afterwards, or if nobody tells when.
    An action without a date counts: that it is old is not known.
    """
    return judge_appointments([appointment], licenses, actions, today=today)[0]


def judge_appointments(
    appointments: Iterable[HeldAppointment],
    licenses: Sequence[HeldLicense],
    actions: Sequence[Action],
    *,
    today: date,
) -> list[Health]:
    """Judge all appointments of a producer, each as `judge_appointment` does."""
    states: dict[str, _State] = {}
    judged = []
    for one in appointments:
        if not one.is_in_force:
            judged.append(_ended(one, today))
            continue
        if (state := states.get(one.state)) is None:
            state = states[one.state] = _State(one.state, licenses, actions, today)
        judged.append(state.judge(one))
    return judged


class _State:
    """What puts the appointments of one state at risk, gathered once for all of them."""

    def __init__(
        self, code: str, licenses: Iterable[HeldLicense], actions: Iterable[Action], today: date
    ) -> None:
        self.today = today
        self.licenses = [license for license in licenses if license.state == code]
        counting = [
            action.on
            for action in actions
            if action.state == code and (action.on is None or day_after(action.on, ACTION_COUNTS) >= today)
        ]
        self.action_risks = [Risk.REGULATORY_ACTION] if counting else []
        self.good_until = min(
            [
                *(one.expires_on for one in self.licenses if one.expires_on and one.expires_on >= today),
                *(day_after(on, ACTION_COUNTS) for on in counting if on),
            ],
            default=None,
        )
        good = [license for license in self.licenses if license.is_good(today)]
        self.has_good = bool(good)
        self.codes, self.names = _active_lines(good[0].lines) if good else (NOTHING, NOTHING)
        for license in good[1:]:
            codes, names = _active_lines(license.lines)
            self.codes, self.names = self.codes | codes, self.names | names
        self.safe = self._health([])

    def judge(self, appointment: HeldAppointment) -> Health:
        code, name = folded(appointment.line_code), folded(appointment.line_name)
        if code in self.codes or name in self.names or (self.has_good and not code and not name):
            return self.safe
        return self._health(_license_risks(appointment, self.licenses, self.today))

    def _health(self, license_risks: list[Risk]) -> Health:
        risks = (*license_risks, *self.action_risks)
        return Health("at_risk" if risks else "active", risks, self.good_until)


def _ended(appointment: HeldAppointment, today: date) -> Health:
    ended_on = appointment.gone_on if appointment.status == APPOINTED else appointment.status_on
    ended_on = ended_on or appointment.gone_on
    if ended_on is None or (through := day_after(ended_on, TOLD_AFTER_END)) < today:
        return ENDED_LONG_AGO
    return Health("at_risk", (Risk.ENDED_BY_STATE,), through)


def _license_risks(appointment: HeldAppointment, licenses: list[HeldLicense], today: date) -> list[Risk]:
    """What is wrong with the licenses of an appointment whose line is active on no good one."""
    if not licenses:
        return [Risk.LICENSE_MISSING]
    license, line = max(
        ((license, _line_of(appointment, license)) for license in licenses),
        key=lambda one: (
            one[1] is not None,
            one[0].is_good(today),
            one[0].is_active,
            one[0].is_in_date(today),
            _is_active(one[1]),
        ),
    )
    found = {
        Risk.LICENSE_INACTIVE: not license.is_active,
        Risk.LICENSE_EXPIRED: not license.is_in_date(today),
        Risk.LINE_LOST: not _is_active(line),
    }
    return [risk for risk, is_so in found.items() if is_so]


ACTIVE_OR_UNTOLD = frozenset({"active", ""})


@lru_cache(maxsize=REMEMBERED)
def _active_lines(lines: tuple[HeldLine, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The codes and the names of the active ones. Most licenses of a state have the same few lines."""
    active = [line for line in lines if _is_active(line)]
    return (
        frozenset(folded(line.code) for line in active) - {""},
        frozenset(folded(line.name) for line in active) - {""},
    )


NOTHING: frozenset[str] = frozenset()

NO_LINE_TOLD = HeldLine("", "")
"""Stands for the line of an appointment that names none: the license alone counts."""


def _line_of(appointment: HeldAppointment, license: HeldLicense) -> HeldLine | None:
    """The license's line for which the appointment is, an active one before others."""
    code, name = folded(appointment.line_code), folded(appointment.line_name)
    if not (code or name):
        return NO_LINE_TOLD
    lines = [
        line
        for line in license.lines
        if (code and folded(line.code) == code) or (name and folded(line.name) == name)
    ]
    return max(lines, key=_is_active, default=None)


def _is_active(line: HeldLine | None) -> bool:
    """Whether the line is held and nothing else than "Active" is said of it."""
    return line is not None and folded(line.status) in ACTIVE_OR_UNTOLD
