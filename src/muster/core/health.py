"""Whether an appointment is still good today: what puts it at risk, all reasons in order.

Its license is the one in its state that holds its line; where none does, the best one there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from muster.core.lines import folded
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
    licenses: Iterable[HeldLicense],
    actions: Iterable[Action],
    *,
    today: date,
) -> Health:
    """Judge an appointment by the licenses and actions of its producer that the registry lists.

    One that ended is at risk for `TOLD_AFTER_END` and has no health afterwards, or if nobody tells when.
    An action without a date counts: that it is old is not known.
    """
    if not appointment.is_in_force:
        return _ended(appointment, today)
    mine = [license for license in licenses if license.state == appointment.state]
    risks = _license_risks(appointment, mine, today)
    days = [license.expires_on for license in mine if license.expires_on and license.expires_on >= today]
    for action in actions:
        if action.state == appointment.state and (action.on is None or action.on + ACTION_COUNTS >= today):
            if Risk.REGULATORY_ACTION not in risks:
                risks.append(Risk.REGULATORY_ACTION)
            if action.on:
                days.append(action.on + ACTION_COUNTS)
    return Health("at_risk" if risks else "active", tuple(risks), min(days, default=None))


def _ended(appointment: HeldAppointment, today: date) -> Health:
    ended_on = appointment.gone_on if appointment.status == APPOINTED else appointment.status_on
    ended_on = ended_on or appointment.gone_on
    if ended_on is None or ended_on + TOLD_AFTER_END < today:
        return ENDED_LONG_AGO
    return Health("at_risk", (Risk.ENDED_BY_STATE,), ended_on + TOLD_AFTER_END)


def _license_risks(appointment: HeldAppointment, licenses: list[HeldLicense], today: date) -> list[Risk]:
    if not licenses:
        return [Risk.LICENSE_MISSING]
    license, line = max(
        ((license, _line_of(appointment, license)) for license in licenses),
        key=lambda held: (
            held[0].is_good(today) and _is_active(held[1]),
            held[1] is not None,
            held[0].is_good(today),
            held[0].is_active,
            held[0].is_in_date(today),
            _is_active(held[1]),
        ),
    )
    found = {
        Risk.LICENSE_INACTIVE: not license.is_active,
        Risk.LICENSE_EXPIRED: not license.is_in_date(today),
        Risk.LINE_LOST: not _is_active(line),
    }
    return [risk for risk, is_so in found.items() if is_so]


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
    return line is not None and folded(line.status) in ("active", "")
