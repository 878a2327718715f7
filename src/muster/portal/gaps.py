"""Gaps of assignments in words for the producer: what is missing, and the one next step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from muster.core.scorecard import GAP_WORDS, GapKind
from muster.core.words import LOA_CATEGORIES, states
from muster.producers.profile import Meant

STEPS = {
    GapKind.NOT_SYNCED: "Nothing to do: your licenses are being asked for.",
    GapKind.LICENSE_MISSING: "Ask {organization} to apply for a license in {state} with you.",
    GapKind.LICENSE_INACTIVE: "Ask {state} why it is inactive.",
    GapKind.LICENSE_EXPIRED: "Renew it with {state}, or ask {organization} to.",
    GapKind.LINE_MISSING: "Ask {organization} to apply for the line in {state} with you.",
    GapKind.LINE_INACTIVE: "Ask {state} why it is inactive.",
    GapKind.APPOINTMENT_MISSING: "Ask {organization} to have you appointed. There is nothing else to do.",
    GapKind.APPOINTMENT_ENDED: "Ask {organization} why it ended.",
}


OF_COMPANIES = frozenset({GapKind.APPOINTMENT_MISSING, GapKind.APPOINTMENT_ENDED})
"""These are gaps of one company each."""


class Gap(NamedTuple):
    """What one state lacks, for which categories or companies, and what to do about it."""

    state: str
    words: str
    about: str
    step: str


def tell_gaps(assignments: Iterable[Meant], *, organization: str) -> list[Gap]:
    """The gaps of the assignments, those of a state and kind once, by state."""
    lacking: dict[tuple[str, GapKind], dict[str, None]] = defaultdict(dict)
    for one in assignments:
        for line in one.verdict.lines:
            if line.gap is None:
                continue
            category = LOA_CATEGORIES.get(line.category, line.category)
            company = f", CoCode {line.cocode}" if line.gap in OF_COMPANIES else ""
            lacking[line.state, line.gap][f"{category}{company}"] = None
    return [
        Gap(
            state,
            GAP_WORDS[kind],
            "; ".join(about),
            STEPS[kind].format(organization=organization, state=states().get(state, state)),
        )
        for (state, kind), about in sorted(lacking.items())
    ]
