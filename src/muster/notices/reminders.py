"""Making reminders each morning and telling of them by mail; what people do with them."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.timezone import localtime

from muster.access.models import Membership, Organization, OrganizationQuerySet
from muster.access.permissions import Permission, Role
from muster.audit.operations import EventKind, record
from muster.core.reminders import DAYS, day_of, windows
from muster.notices.digest import queue_digests
from muster.notices.models import Reminder, ReminderChoice, ReminderDay
from muster.notices.queries import choice_of, licenses_to_renew, readers_of
from muster.notices.sql import statement
from muster.producers.models import WAITING_FOR_SYNC, Producer

LONG_AGO = timedelta(days=365)
"""After so long an expiry is nothing to be reminded of, whatever the registry says of the license."""

FIRST_SYNC = timedelta(days=1)
"""So long an organization's first reminders wait for the reports of producers who are new."""

logger = logging.getLogger(__name__)


def make_due_reminders(*, now: datetime) -> int:
    """Make today's reminders for each organization that has none of today yet; return how many were made.

    Nothing happens before the morning (MUSTER_REMINDERS_TIME), nor while an organization has nothing to look
    at: its day comes later then. Safe to run twice, and at once; what is interrupted was not begun, for an
    organization's day is one transaction: its reminders and its mails.
    """
    day = day_of(localtime(now), morning=settings.MUSTER_REMINDERS_TIME)
    if day is None:
        return 0
    made = 0
    seen = ReminderDay.objects.filter(day=day).values("organization_id")
    for organization in Organization.objects.exclude(id__in=seen).order_by("id"):
        try:
            if _can_look(organization, now):
                made += _make(organization, day, now)
        except Exception:
            # The next tick tries this one again; the others must not wait for it.
            logger.exception("The reminders of organization %s could not be made.", organization.pk)
    return made


def _can_look(organization: Organization, now: datetime) -> bool:
    """Whether there are licenses to look at; the first time, once those new to Muster are synced."""
    mine = {"organization_id": organization.pk}
    # Those long expired too, for their reminders are to be closed.
    if not licenses_to_renew(organization.pk, since=date.min).exists():
        return False
    if ReminderDay.objects.filter(**mine).exists():
        return True
    # In the middle of the first sync only some licenses are known: the rest would wait for the next morning.
    coming = Producer.objects.filter(**mine, is_watched=True, synced_at=None, created_at__gt=now - FIRST_SYNC)
    return not coming.filter(sync_status__in=WAITING_FOR_SYNC).exists()


def _make(organization: Organization, day: date, now: datetime) -> int:
    with transaction.atomic():
        if not _claim(organization, day):
            return 0
        choice = choice_of(organization.pk)
        readers = readers_of(choice)
        counts = _insert(choice, day, now, mailed_on=day if readers else None)
        if counts and readers:
            queue_digests(
                organization=organization, choice=choice, readers=readers, counts=counts, day=day, now=now
            )
    return sum(counts.values())


# A day ahead of today is of a clock that was wrong, and must not silence the days until then.
_CLAIM = """
INSERT INTO notices_reminderday AS last (organization_id, day) VALUES (%s, %s)
ON CONFLICT (organization_id) DO UPDATE SET day = excluded.day WHERE last.day <> excluded.day
"""


def _claim(organization: Organization, day: date) -> bool:
    """Whether this transaction is to make the day; another that is at it is waited for."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [organization.pk, day])
        return cursor.rowcount == 1


def _insert(choice: ReminderChoice, day: date, now: datetime, *, mailed_on: date | None) -> dict[int, int]:
    """Make the reminders that are due; return how many, by their number of days, fewest first."""
    spans = windows(choice.wanted, today=day)
    with connection.cursor() as cursor:
        cursor.execute(
            statement("make_reminders"),
            {
                "organization": choice.organization_id,
                "first": [span.first for span in spans],
                "last": [span.last for span in spans],
                "days": [span.days for span in spans],
                "mailed_on": mailed_on,
                "long_ago": day - LONG_AGO,
                "now": now,
            },
        )
        return dict(cursor.fetchall())


def mark_done(*, by: Membership, reminders: OrganizationQuerySet, now: datetime) -> int:
    """Note that the reminders were seen to; return how many. Raises PermissionDenied.

    `reopen` takes it back, by the time `now`.
    """
    if not by.may(Permission.SYNC):
        raise PermissionDenied
    ids = reminders.visible_to(by, Permission.READ).filter(done_at=None).order_by().values("id")
    done: int = Reminder.objects.filter(id__in=ids).update(done_at=now, done_by_id=by.user_id)
    return done


def reopen(*, by: Membership, reminders: OrganizationQuerySet) -> int:
    """Take back that the reminders were seen to; return how many. Raises PermissionDenied."""
    if not by.may(Permission.SYNC):
        raise PermissionDenied
    ids = reminders.visible_to(by, Permission.READ).exclude(done_at=None).order_by().values("id")
    opened: int = Reminder.objects.filter(id__in=ids).update(done_at=None, done_by=None)
    return opened


def choose_reminders(
    *, by: Membership, days: Collection[int], by_email: bool, in_console: bool, roles: Collection[Role]
) -> bool:
    """Write what the organization of `by` chose, on record; return whether that changed anything.

    It holds from the next morning on: reminders that were made stay. Raises PermissionDenied.
    """
    if not by.may(Permission.MANAGE_SETTINGS):
        raise PermissionDenied
    chosen = {
        "days": [one for one in DAYS if one in days],
        "by_email": by_email,
        "in_console": in_console,
        "roles": [role.value for role in Role if role in roles],
    }
    with transaction.atomic():
        # Held, so that of two who save at once the second sees, and records, what the first has changed.
        Organization.objects.select_for_update(no_key=True).get(pk=by.organization_id)
        before = choice_of(by.organization_id)
        changed = {
            name: {"before": getattr(before, name), "after": value}
            for name, value in chosen.items()
            if getattr(before, name) != value
        }
        if changed:
            ReminderChoice.objects.update_or_create(organization_id=by.organization_id, defaults=chosen)
            record(
                EventKind.SETTINGS_CHANGED,
                organization_id=by.organization_id,
                by_id=by.user_id,
                data={"of": "the license reminders", "changed": changed},
            )
    return bool(changed)
