"""Scorecards in words: gaps gathered by what closes them, and each line with its checks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from muster.console.scorecards.steps import Lacking, Step, step_of
from muster.core.scorecard import GAP_WORDS, GapKind, Line, Met
from muster.core.words import LOA_CATEGORIES, states
from muster.producers.profile import Meant

MOST_OPEN = 8
"""Scorecards of more lines are folded up, so that a page stays short."""


class Check(NamedTuple):
    """One check of a line: a Met, with its icon, its color and its word for the ear."""

    met: Met
    icon: str
    color: str
    word: str


CHECKS = {
    Met.YES: Check(Met.YES, "circle-check", "green", "Yes"),
    Met.NO: Check(Met.NO, "circle-x", "red", "No"),
    Met.UNKNOWN: Check(Met.UNKNOWN, "help-circle", "secondary", "Unknown"),
    Met.NOT_NEEDED: Check(Met.NOT_NEEDED, "minus", "secondary", "Not needed"),
}


class LineTold(NamedTuple):
    """A line of a scorecard in words."""

    state: str
    category: str
    cocode: str
    checks: tuple[Check, Check, Check]
    gap: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Lines of one state that lack the same, and what closes them."""

    words: str
    state: str
    about: str
    step: Step


@dataclass(frozen=True, slots=True)
class CardTold:
    """An assignment with its scorecard, ready to be shown. `file` is the upload that it came from."""

    meant: Meant
    gaps: list[Gap]
    lines: list[LineTold]
    unplaced: list[tuple[str, str]]
    file: str

    @property
    def has_companies(self) -> bool:
        return any(line.cocode for line in self.lines)

    @property
    def is_short(self) -> bool:
        return len(self.lines) <= MOST_OPEN


def tell_card(meant: Meant, *, npn: str, file: str, may_prepare: bool) -> CardTold:
    """The words for an assignment and its verdict."""
    lines = meant.verdict.lines
    return CardTold(
        meant,
        _gaps(lines, npn, meant.assignment.agent_type, may_prepare=may_prepare),
        [_line(line) for line in lines],
        [(states().get(state, state), line.name) for state, line in meant.unplaced],
        file,
    )


def _gaps(lines: tuple[Line, ...], npn: str, agent_type: str, *, may_prepare: bool) -> list[Gap]:
    lacking: dict[tuple[GapKind, str], list[Line]] = defaultdict(list)
    for line in lines:
        if line.gap is GapKind.NOT_SYNCED:
            # One sync tells of all states.
            lacking[line.gap, ""].append(line)
        elif line.gap is not None:
            lacking[line.gap, line.state].append(line)
    return [
        Gap(
            GAP_WORDS[kind],
            state,
            _about(kind, of),
            step_of(kind, npn=npn, state=state, of=_lacking(of, agent_type), may_prepare=may_prepare),
        )
        for (kind, state), of in lacking.items()
    ]


def _lacking(lines: list[Line], agent_type: str) -> Lacking:
    categories = dict.fromkeys(line.category for line in lines)
    cocodes = dict.fromkeys(line.cocode for line in lines if line.cocode)
    return Lacking(tuple(categories), tuple(cocodes), agent_type)


def _about(kind: GapKind, lines: list[Line]) -> str:
    """For which categories, and companies where it is about an appointment."""
    categories = ", ".join(dict.fromkeys(LOA_CATEGORIES.get(line.category, line.category) for line in lines))
    if kind not in (GapKind.APPOINTMENT_MISSING, GapKind.APPOINTMENT_ENDED):
        return categories
    return f"{categories}, CoCode {', '.join(dict.fromkeys(line.cocode for line in lines))}"


def _line(line: Line) -> LineTold:
    return LineTold(
        line.state,
        LOA_CATEGORIES.get(line.category, line.category),
        line.cocode,
        (CHECKS[line.license], CHECKS[line.line], CHECKS[line.appointment]),
        GAP_WORDS[line.gap] if line.gap else "",
    )
