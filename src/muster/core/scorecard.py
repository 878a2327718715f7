"""How far a producer is from being ready for an assignment: one line a state x category (x company).

A line asks, in this order: a license of the agent type in the state, active and in date; a line of authority
of the category, held and active on such a license; an appointment of the company for a line of the category.
The first that fails is the line's gap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from muster.core.filing import files_appointments
from muster.core.lines import REMEMBERED, agent_type_of, categories_of, folded
from muster.core.report import APPOINTED

LICENSE_AND_APPOINTMENT = "license_and_appointment"
DAY = timedelta(days=1)


class GapKind(StrEnum):
    """What a line lacks first."""

    NOT_SYNCED = "not_synced"
    LICENSE_MISSING = "license_missing"
    LICENSE_INACTIVE = "license_inactive"
    LICENSE_EXPIRED = "license_expired"
    LINE_MISSING = "line_missing"
    LINE_INACTIVE = "line_inactive"
    APPOINTMENT_MISSING = "appointment_missing"
    APPOINTMENT_ENDED = "appointment_ended"


GAP_WORDS: Mapping[GapKind, str] = {
    GapKind.NOT_SYNCED: "Not synced yet",
    GapKind.LICENSE_MISSING: "No license",
    GapKind.LICENSE_INACTIVE: "License inactive",
    GapKind.LICENSE_EXPIRED: "License expired",
    GapKind.LINE_MISSING: "Line missing",
    GapKind.LINE_INACTIVE: "Line inactive",
    GapKind.APPOINTMENT_MISSING: "Not appointed",
    GapKind.APPOINTMENT_ENDED: "Appointment ended",
}
"""Each gap in words."""


class Met(StrEnum):
    """Whether a check is met."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_NEEDED = "not_needed"


class HeldLine(NamedTuple):
    """A line of authority as the registry lists it."""

    code: str
    name: str
    status: str = "Active"


class HeldLicense(NamedTuple):
    """A license as the registry lists it, with the lines that it lists."""

    state: str
    class_code: str
    class_name: str
    is_active: bool
    expires_on: date | None
    lines: tuple[HeldLine, ...] = ()

    def is_good(self, today: date) -> bool:
        """Whether it is active and in date."""
        return self.is_active and self.is_in_date(today)

    def is_in_date(self, today: date) -> bool:
        """Whether it has not expired; a license is good through its last day."""
        return self.expires_on is None or self.expires_on >= today


class HeldAppointment(NamedTuple):
    """An appointment on record; `gone_on` is the day on which the registry ceased to list it."""

    state: str
    cocode: str
    line_code: str
    line_name: str
    status: str = APPOINTED
    status_on: date | None = None
    gone_on: date | None = None
    id: int = 0

    @property
    def is_in_force(self) -> bool:
        """Whether the state says so, and the registry still lists it."""
        return self.status == APPOINTED and self.gone_on is None


class Action(NamedTuple):
    """A regulatory action that the registry lists; `on` is when it was entered, if that is told."""

    state: str
    on: date | None


class Facts(NamedTuple):
    """What is known of a producer. Licenses and actions are those that the registry lists now."""

    was_synced: bool
    licenses: Sequence[HeldLicense] = ()
    appointments: Sequence[HeldAppointment] = ()
    actions: Sequence[Action] = ()


class Wanted(NamedTuple):
    """What an assignment asks for."""

    categories: Sequence[str]
    states: Sequence[str]
    cocodes: Sequence[str] = ()
    scorecard_type: str = "license"
    agent_type: str = "producer"
    starts_on: date | None = None
    ends_on: date | None = None


class Line(NamedTuple):
    """One state x category (x company) of a verdict; `gap` is the first check that fails."""

    state: str
    category: str
    cocode: str
    license: Met
    line: Met
    appointment: Met
    gap: GapKind | None

    @property
    def is_ready(self) -> bool:
        """Whether all that is needed is met."""
        return self.gap is None and Met.UNKNOWN not in (self.license, self.line, self.appointment)


class Verdict(NamedTuple):
    """What is met of an assignment on a day.

    `percent` is the share of the needed checks that are met, rounded down: 100 only if all lines are ready.
    `ready` and `unknown` count lines: those that lack nothing, and those of which something cannot be told.
    Without lines it is not judged: nothing is asked of the producer on that day. If no fact changes, the
    verdict holds through `good_until`; for ever if that is None.
    """

    lines: tuple[Line, ...]
    percent: int
    ready: int
    unknown: int
    good_until: date | None


def judge(wanted: Wanted, facts: Facts, *, today: date) -> Verdict:
    """Judge an assignment by what is known of its producer.

    Before `starts_on` and after `ends_on` it is not judged. A producer who was never synced has the gap
    `not_synced` in every line, and nothing is known.
    """
    if wanted.starts_on and today < wanted.starts_on:
        return Verdict((), 100, 0, 0, wanted.starts_on - DAY)
    if wanted.ends_on and today > wanted.ends_on:
        return Verdict((), 100, 0, 0, None)
    appoints = wanted.scorecard_type == LICENSE_AND_APPOINTMENT
    companies = wanted.cocodes or ("",) if appoints else ("",)
    if not facts.was_synced:
        return _not_synced(wanted, companies, appoints)
    lines: list[Line] = []
    needed = met = ready = unknown = 0
    for state in wanted.states:
        licensed, license_gap, good = _licensed(facts.licenses, state, wanted.agent_type, today)
        held = _held(good)
        files = files_appointments(state) if appoints else False
        appointed = _appointed(facts.appointments, state, wanted.agent_type) if files else {}
        for category in wanted.categories:
            line, line_gap = held.get(category, LACKS_LINE)
            for cocode in companies:
                if files and cocode:
                    appointment, appointment_gap = appointed.get((cocode, category), LACKS_APPOINTMENT)
                else:
                    appointment, appointment_gap = (NOT_NEEDED if files is False else UNKNOWN), None
                gap = license_gap or line_gap or appointment_gap
                lines.append(Line(state, category, cocode, licensed, line, appointment, gap))
                needed += 2 + (appointment is not NOT_NEEDED)
                met += (licensed is YES) + (line is YES) + (appointment is YES)
                if line is UNKNOWN or appointment is UNKNOWN:
                    unknown += 1
                elif gap is None:
                    ready += 1
    percent = 100 * met // needed if needed else 100
    return Verdict(tuple(lines), percent, ready, unknown, _good_until(wanted, facts.licenses, today))


def unplaced_lines(facts: Facts, *, states: Collection[str], today: date) -> list[tuple[str, HeldLine]]:
    """Lines on good licenses in these states that the rules do not know, each with its state.

    They meet no category, because nobody has said which; that must be told where a line is missed.
    """
    return [
        (license.state, line)
        for license in facts.licenses
        if license.state in states and license.is_good(today)
        for line in license.lines
        if not categories_of(license.state, license.class_code, line.code, line.name)
    ]


YES, NO, UNKNOWN, NOT_NEEDED = Met.YES, Met.NO, Met.UNKNOWN, Met.NOT_NEEDED
Checked = tuple[Met, GapKind | None]
MEETS: Checked = (YES, None)
CANNOT_BE_TOLD: Checked = (UNKNOWN, None)
LACKS_LINE: Checked = (NO, GapKind.LINE_MISSING)
LACKS_APPOINTMENT: Checked = (NO, GapKind.APPOINTMENT_MISSING)


def _not_synced(wanted: Wanted, companies: Sequence[str], appoints: bool) -> Verdict:
    lines = tuple(
        Line(
            state,
            category,
            cocode,
            UNKNOWN,
            UNKNOWN,
            UNKNOWN if appoints and files_appointments(state) is not False else NOT_NEEDED,
            GapKind.NOT_SYNCED,
        )
        for state in wanted.states
        for category in wanted.categories
        for cocode in companies
    )
    return Verdict(lines, 0 if lines else 100, 0, len(lines), wanted.ends_on)


def _licensed(
    licenses: Iterable[HeldLicense], state: str, agent_type: str, today: date
) -> tuple[Met, GapKind | None, list[HeldLicense]]:
    """Whether the license check is met, its gap, and the good licenses."""
    mine = [
        license
        for license in licenses
        if license.state == state
        and agent_type_of(state, license.class_code, license.class_name) == agent_type
    ]
    if not mine:
        return NO, GapKind.LICENSE_MISSING, []
    active = [license for license in mine if license.is_active]
    if not active:
        return NO, GapKind.LICENSE_INACTIVE, []
    good = [license for license in active if license.is_in_date(today)]
    return (YES, None, good) if good else (NO, GapKind.LICENSE_EXPIRED, [])


def _held(good: Sequence[HeldLicense]) -> Mapping[str, Checked]:
    """How each category stands of which these licenses hold a line; the best line of a category counts."""
    of_each = [_held_on(license.state, license.class_code, license.lines) for license in good]
    if len(of_each) == 1:
        return of_each[0]
    held: dict[str, Checked] = {}
    for one in of_each:
        for category, checked in one.items():
            held[category] = _better(checked, held.get(category, LACKS_LINE))
    return held


@lru_cache(maxsize=REMEMBERED)
def _held_on(state: str, class_code: str, lines: tuple[HeldLine, ...]) -> Mapping[str, Checked]:
    # Most licenses of a state have the same few lines.
    held: dict[str, Checked] = {}
    for line in lines:
        checked = _of_status(line.status)
        for category in categories_of(state, class_code, line.code, line.name):
            held[category] = _better(checked, held.get(category, LACKS_LINE))
    return held


def _better(one: Checked, other: Checked) -> Checked:
    return one if one is MEETS or other[0] is NO else other


def _of_status(status: str) -> Checked:
    if status == "Active" or folded(status) == "active":
        return MEETS
    # A line of which no status is told may be either.
    return (NO, GapKind.LINE_INACTIVE) if status.strip() else CANNOT_BE_TOLD


def _appointed(
    appointments: Iterable[HeldAppointment], state: str, agent_type: str
) -> dict[tuple[str, str], Checked]:
    """How each company x category stands for which there is, or was, an appointment."""
    appointed: dict[tuple[str, str], Checked] = {}
    for one in appointments:
        if one.state == state:
            checked = MEETS if one.is_in_force else (NO, GapKind.APPOINTMENT_ENDED)
            for category in categories_of(state, "", one.line_code, one.line_name, agent_type):
                if checked is MEETS or (one.cocode, category) not in appointed:
                    appointed[one.cocode, category] = checked
    return appointed


def _good_until(wanted: Wanted, licenses: Iterable[HeldLicense], today: date) -> date | None:
    """The day before the first on which a date may change the verdict."""
    days = [
        license.expires_on
        for license in licenses
        if license.expires_on
        and license.expires_on >= today
        and license.is_active
        and license.state in wanted.states
    ]
    if wanted.ends_on:
        days.append(wanted.ends_on)
    return min(days, default=None)
