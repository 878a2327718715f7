"""The list of scorecards, the worst first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.console.appointing.gaps import MOST_AT_ONCE
from muster.console.lists.address import places_in
from muster.console.lists.asking import Narrowing, question_chips
from muster.console.lists.links import links_of
from muster.console.lists.pages import page_of_list
from muster.console.lists.shown import list_context
from muster.console.scorecards.address import chips, query_of, selection_of
from muster.console.scorecards.listing import ASSIGNMENTS
from muster.console.scorecards.steps import Lacking, Step, step_of
from muster.console.scorecards.words import what_is_asked, what_is_sold
from muster.core.scorecard import GAP_WORDS, GapKind
from muster.core.words import states
from muster.scorecards.models import Gap, Scorecard
from muster.scorecards.queries import (
    Selection,
    count_lacking_appointments,
    counts_by_gap,
    counts_by_state,
    scorecard_page,
    standing,
)

SHOWN = 3
"""So many gaps of a scorecard stand in the list; the producer's page shows all."""


class ShownGap(NamedTuple):
    """A gap in words, and what closes it."""

    state: str
    words: str
    lines: int
    step: Step


class Choice(NamedTuple):
    """One filter to choose, and how many assignments it would leave."""

    value: str
    label: str
    assignments: int


@dataclass(frozen=True, slots=True)
class Row:
    """One scorecard of the list; `rests` says why it is not judged today."""

    card: Scorecard
    sold: str
    asked: str
    rests: str
    is_unknown: bool
    gaps: list[ShownGap]
    more: int


@require_safe
@needs(Permission.READ)
@page_of_list(ASSIGNMENTS)
def scorecard_list(request: StaffRequest) -> HttpResponse:
    """Scorecards, searched and filtered as the address says."""
    member, selection = request.member, selection_of(request.GET)
    narrow = Narrowing(ASSIGNMENTS.subject, selection, member)
    cards, page = scorecard_page(member, selection, narrow=narrow, **places_in(request.GET))
    today = timezone.localdate()
    may_prepare = member.may(Permission.PREPARE_FILINGS)
    rows = [_row(card, selection, today, may_prepare=may_prepare) for card in cards]
    by_state = counts_by_state(member, gap=selection.gap)
    by_gap = counts_by_gap(member, state=selection.state)
    return render(
        request,
        "scorecards/list.html",
        {
            "rows": rows,
            "total": page.total,
            "standing": standing(member),
            "selection": selection,
            "chips": [*chips(selection), *question_chips(selection, query_of, ASSIGNMENTS.subject)],
            "states": [
                Choice(code, name, by_state.get(code, 0))
                for code, name in states().items()
                if code in by_state or code == selection.state
            ],
            "kinds": [
                Choice(kind, words, by_gap.get(kind, 0))
                for kind, words in GAP_WORDS.items()
                if kind in by_gap or kind == selection.gap
            ],
            **links_of(page, selection, query_of),
            **list_context(request, ASSIGNMENTS, selection, rows, objects=cards, orders={}),
            "may_import": member.may(Permission.IMPORT),
            "appointable": _appointable(member, selection) if may_prepare else 0,
            "most": MOST_AT_ONCE,
        },
    )


def _appointable(member: Membership, selection: Selection) -> int:
    """How many gaps the page offers to appoint at one go: those of a list of them alone."""
    if selection.gap != GapKind.APPOINTMENT_MISSING:
        return 0
    return count_lacking_appointments(member, selection, most=MOST_AT_ONCE + 1)


def _row(card: Scorecard, selection: Selection, today: date, *, may_prepare: bool) -> Row:
    gaps = _asked_for_first(card.gaps.all(), selection)
    npn, assignment = card.producer.npn, card.assignment
    of = Lacking(assignment.categories, assignment.cocodes, assignment.agent_type)
    return Row(
        card=card,
        sold=what_is_sold(card.assignment),
        asked=what_is_asked(card.assignment),
        rests=_rests(card, today),
        is_unknown=any(gap.kind == GapKind.NOT_SYNCED for gap in gaps),
        gaps=[_shown(gap, npn, of, may_prepare) for gap in gaps[:SHOWN]],
        more=max(0, len(gaps) - SHOWN),
    )


def _asked_for_first(gaps: Iterable[Gap], selection: Selection) -> list[Gap]:
    def is_other(gap: Gap) -> bool:
        return bool(
            (selection.state and gap.state != selection.state)
            or (selection.gap and gap.kind != selection.gap)
        )

    return sorted(gaps, key=is_other)


def _shown(gap: Gap, npn: str, of: Lacking, may_prepare: bool) -> ShownGap:
    kind = GapKind(gap.kind)
    step = step_of(kind, npn=npn, state=gap.state, of=of, may_prepare=may_prepare)
    return ShownGap(gap.state, GAP_WORDS[kind], gap.lines, step)


def _rests(card: Scorecard, today: date) -> str:
    if card.lines:
        return ""
    starts_on, ends_on = card.assignment.starts_on, card.assignment.ends_on
    if starts_on and starts_on > today:
        return f"Starts on {starts_on:%B} {starts_on.day}, {starts_on.year}"
    return f"Ended on {ends_on:%B} {ends_on.day}, {ends_on.year}" if ends_on else "Asks for nothing"
