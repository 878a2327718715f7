"""What is kept of onboardings that nobody goes on with: of those given up nothing, of old ones no SSN."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F

from muster.core.onboarding import UNDER_WAY, DraftStatus
from muster.onboarding.models import Draft

NO_SSN: dict[str, Any] = {"ssn_sealed": None, "ssn_last4": None, "ssn_index": None}


def given_up() -> dict[str, Any]:
    """What a draft becomes that is given up: its NPN stays, and nothing else about the person."""
    return {
        **NO_SSN,
        "status": DraftStatus.DISCARDED,
        "email": "",
        "last_name": "",
        "gender": "",
        "license_number": "",
        "facts": {},
        "details": {},
        "choices": {},
        "why": None,
        "version": F("version") + 1,
    }


def discard_old(*, now: datetime) -> int:
    """Give up what is left of files whose rows were deleted after the retention time."""
    old = Draft.objects.filter(operation__rows_purged=True, status__in=UNDER_WAY)
    return old.update(**given_up(), touched_at=now)


def forget_ssns(*, now: datetime) -> int:
    """Delete the SSNs of onboardings one by one that nobody has touched for the retention time.

    The rest waits on; whoever goes on with it is asked for the SSN again.
    """
    before = now - timedelta(days=settings.MUSTER_ROW_RETENTION_DAYS)
    left = Draft.objects.filter(
        operation=None, status__in=UNDER_WAY, touched_at__lt=before, ssn_sealed__isnull=False
    )
    return left.update(**NO_SSN)
