"""Reading scorecards: live for one producer, as kept for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from muster.access.models import Membership
from muster.assignments.models import Assignment
from muster.core.scorecard import GapKind, HeldLine, Verdict
from muster.lists.keyset import Page
from muster.producers.models import Producer
from muster.scorecards.models import Scorecard

PAGE = 50


@dataclass(frozen=True, slots=True)
class Card:
    """An assignment with its verdict; `unplaced` are held lines in its states that no category claims."""

    assignment: Assignment
    verdict: Verdict
    unplaced: list[tuple[str, HeldLine]] = field(default_factory=list)


class StateGap(NamedTuple):
    """In how many assignments a state has this gap."""

    state: str
    kind: GapKind
    assignments: int


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of the list of scorecards. Empty means: all of them, the worst first.

    `search` is what a person typed: the beginning of an NPN, or of words of the name.
    """

    search: str = ""
    state: str = ""
    gap: str = ""
    agency: int | None = None


class Standing(NamedTuple):
    """How many assignments lack nothing, how many lack something, and how many wait to be judged."""

    ready: int
    with_gaps: int
    waiting: int


def cards_of(producer: Producer, *, today: date) -> list[Card]:
    """The producer's assignments, judged now. The producer has been read through `visible_to`."""
    raise NotImplementedError


def gaps_by_state(member: Membership) -> list[StateGap]:
    """Which gaps the organization's assignments have in which states, those of most assignments first."""
    raise NotImplementedError


def standing(member: Membership) -> Standing:
    """How many assignments are ready, lack something, or wait to be judged."""
    raise NotImplementedError


def scorecard_page(
    member: Membership, selection: Selection, *, after: str = "", before: str = "", size: int = PAGE
) -> tuple[Sequence[Scorecard], Page]:
    """One page of the scorecards, the worst first, each with its producer, assignment and gaps."""
    raise NotImplementedError
