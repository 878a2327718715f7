"""How long mails are kept."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from muster.notices.models import UNDER_WAY, Email

KEPT_FOR = timedelta(days=365)
SLICE = 5_000


def forget_old_mails() -> int:
    """Delete the mails that ended and were made more than a year ago; return how many.

    In slices, the oldest first: what is killed half-way is gone on with the next night.
    """
    forgotten = 0
    while ids := list(Email.objects.order_by("pk").values_list("pk", flat=True)[:SLICE]):
        # Of the oldest alone it is asked when they were made: no index is kept for that.
        old = Email.objects.filter(pk__in=ids, created_at__lt=Now() - KEPT_FOR).exclude(state__in=UNDER_WAY)
        deleted, _ = old.delete()
        forgotten += deleted
        if deleted < len(ids):
            break
    return forgotten
