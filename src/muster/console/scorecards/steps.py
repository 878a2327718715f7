"""The next step of each gap, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from muster.core.scorecard import GapKind
from muster.core.words import states

# Until Muster files by itself, licenses are applied for, renewed and appointed on NIPR's own site.
APPLY = "https://nipr.com/"
RENEW = "https://nipr.com/renew-a-license"


@dataclass(frozen=True, slots=True)
class Step:
    """Where a gap is closed; `external` leads to another site."""

    label: str
    url: str
    external: bool


def step_of(kind: GapKind, *, npn: str, state: str) -> Step:
    """The next step of a gap of the producer in the state."""
    page, name = reverse("producer-detail", args=[npn]), states().get(state, state)
    match kind:
        case GapKind.NOT_SYNCED:
            return Step("Sync with the registry", page, external=False)
        case GapKind.LICENSE_MISSING:
            return Step(f"Apply at NIPR for a license in {name}", APPLY, external=True)
        case GapKind.LICENSE_EXPIRED:
            return Step(f"Renew the license in {name} at NIPR", RENEW, external=True)
        case GapKind.LICENSE_INACTIVE:
            return Step(f"See why the license in {name} is inactive", f"{page}#why-{state}", external=False)
        case GapKind.LINE_MISSING:
            return Step(f"Apply at NIPR for the line in {name}", APPLY, external=True)
        case GapKind.LINE_INACTIVE:
            return Step(f"See why the line in {name} is inactive", f"{page}#why-{state}", external=False)
        case GapKind.APPOINTMENT_MISSING:
            return Step(f"Appoint in {name} at NIPR", APPLY, external=True)
        case GapKind.APPOINTMENT_ENDED:
            return Step(f"See why the appointment in {name} ended", f"{page}#appointments", external=False)
