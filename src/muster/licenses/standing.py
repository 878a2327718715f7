"""How a license stands on a day."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from muster.licenses.models import License

SOON = timedelta(days=90)
"""A license that expires within this time expires soon."""


class Standing(StrEnum):
    """How a license stands today."""

    ACTIVE = "active"
    EXPIRES_SOON = "expires-soon"
    EXPIRED = "expired"
    INACTIVE = "inactive"
    GONE = "gone"


def standing_of(license: License, today: date) -> Standing:
    """How the license stands; the registry's word that it is inactive goes before a date."""
    if license.gone_at:
        return Standing.GONE
    if not license.is_active:
        return Standing.INACTIVE
    if license.expires_on and license.expires_on < today:
        return Standing.EXPIRED
    if license.expires_on and license.expires_on <= today + SOON:
        return Standing.EXPIRES_SOON
    return Standing.ACTIVE
