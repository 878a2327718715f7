"""What can stand against inviting a producer to a portal."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from muster.core.acting import GONE
from muster.core.catalogue import Scope, entry
from muster.core.findings import extend
from muster.core.inviting import Result

NO_PORTAL = "PORTAL-E001"
NO_AGENCY = "PORTAL-E002"
NO_EMAIL = "PORTAL-E003"
SHARED_EMAIL = "PORTAL-E004"
NO_SEATS = "PORTAL-E005"

CODES: Mapping[Result, str] = MappingProxyType(
    {
        Result.NO_AGENCY: NO_AGENCY,
        Result.NO_EMAIL: NO_EMAIL,
        Result.SHARED_EMAIL: SHARED_EMAIL,
        Result.NO_SEATS: NO_SEATS,
        Result.GONE: GONE,
    }
)
"""What is found about a producer who is not invited."""

extend(
    (
        entry(
            NO_PORTAL,
            Scope.ROWS,
            "No portal chosen",
            "No portal was chosen yet, or the chosen one is closed.",
            "Choose a portal on this page. An Agency Admin makes one on the page Portals.",
        ),
        entry(
            NO_AGENCY,
            Scope.ROWS,
            "No agency",
            Result.NO_AGENCY.value,
            "Put the producer into an agency: tick the producer in Contacts, and press Update.",
        ),
        entry(
            NO_EMAIL,
            Scope.ROWS,
            "No email",
            Result.NO_EMAIL.value,
            "Give the producer an email: tick the producer alone in Contacts, press Update, and set it.",
        ),
        entry(
            SHARED_EMAIL,
            Scope.ROWS,
            "Email of somebody else",
            f"{Result.SHARED_EMAIL} with somebody who was invited to this portal",
            "Give each of them an email address of their own: whoever reads the mail registers.",
        ),
        entry(
            NO_SEATS,
            Scope.ROWS,
            "No seats left",
            Result.NO_SEATS.value,
            "Close seats that nobody needs, or have an Agency Admin raise the number, on the page Portals.",
        ),
    )
)
