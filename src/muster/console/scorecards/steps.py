"""The next step of each gap, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from muster.core.scorecard import GapKind
from muster.core.words import states

APPLY = "https://nipr.com/licensing-center/apply-for-a-license"
RENEW = "https://nipr.com/licensing-center/renew-a-license"


@dataclass(frozen=True, slots=True)
class Step:
    """Where a gap is closed; `external` leads to another site."""

    label: str
    url: str
    external: bool


def step_of(kind: GapKind, *, npn: str, state: str) -> Step:
    """The next step of a gap of the producer in the state."""
    page, name = reverse("producer-detail", args=[npn]), states().get(state, state)
    K = GapKind
    match kind:
        case K.NOT_SYNCED:
            return Step("Sync with the registry", page, external=False)
        case K.LICENSE_MISSING:
            return Step(f"Apply for a license in {name}", APPLY, external=True)
        case K.LICENSE_EXPIRED:
            return Step(f"Renew the license in {name}", RENEW, external=True)
        case K.LICENSE_INACTIVE:
            return Step(f"See why the license in {name} is inactive", f"{page}#licenses", external=False)
        case K.LINE_MISSING:
            return Step(f"Apply for the line in {name}", APPLY, external=True)
        case K.LINE_INACTIVE:
            return Step(f"See why the line in {name} is inactive", f"{page}#licenses", external=False)
        case K.APPOINTMENT_MISSING:
            return Step(f"Appoint in {name}", f"{page}#appointments", external=False)
        case K.APPOINTMENT_ENDED:
            return Step(f"See why the appointment in {name} ended", f"{page}#appointments", external=False)
