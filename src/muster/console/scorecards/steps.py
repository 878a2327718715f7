"""The next step of each gap, in one place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse

from muster.console.appointing.choices import appoint_url
from muster.console.licenses.applying import apply_url
from muster.core.scorecard import GapKind
from muster.core.words import states


@dataclass(frozen=True, slots=True)
class Step:
    """Where a gap is closed."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Lacking:
    """Of what a gap is: LOA categories, companies by their CoCodes, and as what one is to be appointed."""

    categories: Collection[str] = ()
    cocodes: Collection[str] = ()
    agent_type: str = ""


NOTHING_TOLD = Lacking()


def step_of(
    kind: GapKind, *, npn: str, state: str, of: Lacking = NOTHING_TOLD, may_prepare: bool = False
) -> Step:
    """The next step of a gap of the producer in the state.

    One who `may_prepare` filings is led to the page Appoint.
    """
    page, name = reverse("producer-detail", args=[npn]), states().get(state, state)
    match kind:
        case GapKind.NOT_SYNCED:
            return Step("Sync with the registry", page)
        case GapKind.LICENSE_MISSING if may_prepare:
            return Step(f"Apply for a license in {name}", _apply(npn, state, of))
        case GapKind.LICENSE_MISSING:
            return Step(f"Have a license in {name} applied for", f"{page}#licenses")
        case GapKind.LICENSE_EXPIRED:
            return Step(f"Renew the license in {name}", f"{page}#licenses")
        case GapKind.LICENSE_INACTIVE:
            return Step(f"See why the license in {name} is inactive", f"{page}#why-{state}")
        case GapKind.LINE_MISSING if may_prepare:
            return Step(f"Apply for the line in {name}", _apply(npn, state, of))
        case GapKind.LINE_MISSING:
            return Step(f"Have the line in {name} applied for", f"{page}#licenses")
        case GapKind.LINE_INACTIVE:
            return Step(f"See why the line in {name} is inactive", f"{page}#why-{state}")
        case GapKind.APPOINTMENT_MISSING | GapKind.APPOINTMENT_ENDED if may_prepare:
            again = " again" if kind is GapKind.APPOINTMENT_ENDED else ""
            return Step(f"Appoint{again} in {name}", _appoint(npn, state, of))
        case GapKind.APPOINTMENT_MISSING:
            return Step(f"Have it appointed in {name}", f"{page}#appointments")
        case GapKind.APPOINTMENT_ENDED:
            return Step(f"See why the appointment in {name} ended", f"{page}#appointments")


def _apply(npn: str, state: str, of: Lacking) -> str:
    return apply_url(npn, state=state, categories=sorted(of.categories))


def _appoint(npn: str, state: str, of: Lacking) -> str:
    return appoint_url(
        npn, states=[state], cocodes=of.cocodes, categories=of.categories, agent_type=of.agent_type
    )
