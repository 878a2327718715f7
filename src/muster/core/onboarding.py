"""Onboarding a producer: its steps, its states, and what is missing before each may be left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType


class IdentifiedBy(StrEnum):
    """By what a producer is looked up in the registry."""

    SSN = "ssn"
    NPN = "npn"
    LICENSE = "license"


class DraftStatus(StrEnum):
    """Where a producer who is being onboarded is."""

    IDENTIFIED = "identified"
    RETRIEVING = "retrieving"
    READY = "ready"
    FAILED = "failed"
    ONBOARDED = "onboarded"
    DISCARDED = "discarded"


D = DraftStatus

FOLLOWS: Mapping[DraftStatus, frozenset[DraftStatus]] = MappingProxyType(
    {
        D.IDENTIFIED: frozenset({D.RETRIEVING, D.READY, D.FAILED, D.DISCARDED}),
        D.RETRIEVING: frozenset({D.IDENTIFIED, D.READY, D.FAILED, D.DISCARDED}),
        # Looked up again, after a month or after a value was mended.
        D.READY: frozenset({D.RETRIEVING, D.ONBOARDED, D.FAILED, D.DISCARDED}),
        D.FAILED: frozenset({D.IDENTIFIED, D.RETRIEVING, D.READY, D.DISCARDED}),
        D.ONBOARDED: frozenset(),
        D.DISCARDED: frozenset(),
    }
)
"""Where each status may go to. What is onboarded or discarded stays so."""

UNDER_WAY = (D.IDENTIFIED, D.RETRIEVING, D.READY, D.FAILED)
"""In these, somebody may go on with it."""


class Step(StrEnum):
    """The steps of the wizard, in their order."""

    DETAILS = "details"
    STATES = "states"
    REVIEW = "review"


STEP_LABELS: Mapping[Step, str] = MappingProxyType(
    {
        Step.DETAILS: "Details and payment",
        Step.STATES: "States & Territories",
        Step.REVIEW: "Review",
    }
)


GENDERS: Mapping[str, str] = MappingProxyType(
    {"female": "Female", "male": "Male", "nonbinary": "Nonbinary", "undisclosed": "Not disclosed"}
)
"""As what an upload or a form may tell a producer's gender."""


def may_follow(status: DraftStatus, to: DraftStatus) -> bool:
    """Whether a draft may go from one status to another."""
    return to in FOLLOWS[status]


def missing(
    step: Step, *, email: str, new_paid_by: str, renewal_paid_by: str, choices: Mapping[str, Collection[str]]
) -> list[str]:
    """The names of the fields that must be filled before a step may be left.

    `choices` are the lines of each chosen state. No state at all is fine; a chosen one needs a line.
    """
    lacking: list[str] = []
    if step is not Step.STATES:
        details = {"email": email, "new_paid_by": new_paid_by, "renewal_paid_by": renewal_paid_by}
        lacking += [name for name, value in details.items() if not value]
    if step is not Step.DETAILS:
        lacking += [f"lines_{state}" for state, lines in choices.items() if not lines]
    return lacking


def reached(*, step: Step, asked: Step) -> Step:
    """The step that may be shown: the one asked for, or the farthest one reached."""
    order = list(Step)
    return order[min(order.index(step), order.index(asked))]


def after(step: Step) -> Step:
    """The step that follows; the last one is followed by itself."""
    order = list(Step)
    return order[min(order.index(step) + 1, len(order) - 1)]
