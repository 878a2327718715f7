"""Drafts and their facts in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from muster.core.findings import Finding, fix, sentence
from muster.core.lines import folded
from muster.core.onboarding import STEP_LABELS, DraftStatus, Step
from muster.core.onboarding_facts import Facts, full_name, granted_lines, held_lines, listed
from muster.core.words import states
from muster.onboarding.models import Draft

WAITS = {
    DraftStatus.IDENTIFIED: "Choose who is meant",
    DraftStatus.FAILED: "Needs attention",
    DraftStatus.RETRIEVING: "Being looked up",
}


@dataclass(frozen=True, slots=True)
class DraftTold:
    """A draft as a list shows it; `waits_for` is what comes next, `why` why it cannot go on."""

    id: int
    name: str
    npn: str
    waits_for: str
    why: str
    touched_by: str
    touched_at: datetime


def tell_draft(draft: Draft) -> DraftTold:
    """A draft in words; `touched_by` has been read with it."""
    status = DraftStatus(draft.status)
    return DraftTold(
        draft.pk,
        name_of(draft),
        draft.npn,
        WAITS.get(status, STEP_LABELS[Step(draft.step)]),
        _why(draft),
        str(draft.touched_by or "somebody"),
        draft.touched_at,
    )


def name_of(draft: Draft) -> str:
    """What a draft is called: by the registry's name, or else by what it was looked up with."""
    if name := full_name(draft.facts):
        return name
    if draft.npn:
        return f"NPN {draft.npn}"
    return draft.last_name or f"License {draft.license_number} in {draft.license_state}"


def _why(draft: Draft) -> str:
    if not draft.why:
        return ""
    named = {name: draft.why.get(name) for name in ("field", "value", "params")}
    return f"{sentence(draft.why['code'], **named)} {fix(draft.why['code'], **named)}"


def all_told(findings: Iterable[Finding]) -> str:
    """Findings as one text."""
    return " ".join(sentence(one.code, value=one.value, params=one.params) for one in findings)


def said_of_look_up(since: date | None, differ: Sequence[str]) -> str:
    """What is said after facts were looked up again."""
    was = f"{since:%b} {since.day}, {since.year}" if since else "before"
    words = listed(differ)
    changed = f"{words[:1].upper()}{words[1:]} changed since." if words else "Nothing has changed since."
    return f"Name, contacts, licenses and lines were looked up again; they were of {was}. {changed}"


class LineOffered(NamedTuple):
    """A line that a state grants; one that is held can not be chosen."""

    name: str
    on: bool
    held: bool


class StateOffered(NamedTuple):
    """A state to choose, with its lines; none where none are on file."""

    code: str
    name: str
    on: bool
    is_home: bool
    mark: str
    lines: list[LineOffered]


def offered(facts: Facts, choices: dict[str, list[str]]) -> list[StateOffered]:
    """Every state with its lines, by name; a chosen line is on."""
    return [_offered(code, name, facts, choices) for code, name in sorted(states().items(), key=_by_name)]


def _by_name(one: tuple[str, str]) -> str:
    return one[1]


def _offered(code: str, name: str, facts: Facts, choices: dict[str, list[str]]) -> StateOffered:
    held = held_lines(facts, code)
    chosen = {folded(line) for line in choices.get(code, ())}
    lines = [
        LineOffered(line.name, folded(line.name) in chosen, folded(line.name) in held)
        for line in granted_lines(code)
    ]
    is_home = facts.get("home_state") == code
    licensed = any(one["state"] == code and one["in_force"] for one in facts.get("licenses", ()))
    mark = "resident" if is_home else "licensed" if licensed else "" if lines else "no lines on file"
    return StateOffered(code, name, code in choices, is_home, mark, lines)
