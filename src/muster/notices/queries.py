"""Reading the outbox, and reminders. The text of a mail that bears a secret is never read for a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import F, QuerySet
from django.utils.timezone import localtime

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.core.reminders import day_of
from muster.licenses.models import License
from muster.lists.keyset import Order, Page, page_of
from muster.notices.models import UNDER_WAY, Email, EmailState, Reminder, ReminderChoice, ReminderDay

MOST_COUNTED = 1_000

# How the page sorts mails; "waiting" and "sending" are one thing to a reader.
FILTERS: dict[str, tuple[EmailState, ...]] = {
    "waiting": UNDER_WAY,
    "failed": (EmailState.FAILED,),
    "sent": (EmailState.SENT,),
    "in-doubt": (EmailState.IN_DOUBT,),
    "withheld": (EmailState.WITHHELD,),
    "kept": (EmailState.KEPT,),
}


@dataclass(frozen=True, slots=True)
class Troubles:
    """How many mails are not delivered yet, will not be, or may be; counted up to a thousand."""

    waiting: int
    failed: int
    in_doubt: int


def mails(member: Membership) -> QuerySet[Email]:
    """The mails that the member may look at."""
    found: QuerySet[Email] = Email.objects.visible_to(member, Permission.READ_MAIL)
    return found


def newest_mails(
    member: Membership, *, chosen: str = "", before: int | None = None, limit: int
) -> list[Email]:
    """Mails without their text, newest first; of one of FILTERS or all, and older than mail `before`."""
    found = mails(member).defer("text", "html")
    if chosen:
        found = found.filter(state__in=FILTERS[chosen])
    if before is not None:
        found = found.filter(id__lt=before)
    return list(found.order_by("-id")[:limit])


def troubles(member: Membership) -> Troubles:
    """Count what has not been delivered."""

    def count(name: str) -> int:
        return mails(member).filter(state__in=FILTERS[name])[:MOST_COUNTED].count()

    return Troubles(waiting=count("waiting"), failed=count("failed"), in_doubt=count("in-doubt"))


# --- Reminders ------------------------------------------------------------------------------------

PAGE = 50
SOONEST_FIRST = Order(("expires_on", "id"))
DONE_LAST_FIRST = Order(("done_at", "id"), descending=True)


@dataclass(frozen=True, slots=True)
class ReminderSelection:
    """What is asked of the list of reminders. Empty means: all that are open; `done`: those seen to."""

    days: int | None = None
    state: str = ""
    done: bool = False

    @property
    def narrows(self) -> bool:
        """Whether it leaves any out."""
        return bool(self.days or self.state)


def choice_of(organization_id: int) -> ReminderChoice:
    """What the organization chose about reminders, or the defaults."""
    found = ReminderChoice.objects.filter(pk=organization_id).first()
    return found or ReminderChoice(organization_id=organization_id)


def readers_of(choice: ReminderChoice) -> list[str]:
    """The addresses of those who are to get the mail."""
    if not choice.by_email:
        return []
    members = Membership.objects.filter(
        organization_id=choice.organization_id,
        role__in=choice.roles,
        # The mail tells of all producers.
        agency_ids=None,
        is_active=True,
        user__is_active=True,
    )
    return list(members.order_by("id").values_list("user__email", flat=True))


def licenses_to_renew(
    organization_id: int, *, since: date, until: date | None = None
) -> OrganizationQuerySet:
    """The licenses in force of producers who are watched that expire between the days, both included."""
    found: OrganizationQuerySet = License.objects.filter(
        organization_id=organization_id,
        gone_at=None,
        is_active=True,
        expires_on__gte=since,
        producer__is_watched=True,
    )
    return found if until is None else found.filter(expires_on__lte=until)


def next_look(organization_id: int, *, now: datetime, morning: time) -> datetime | None:
    """When reminders are made next, in the zone of the site; None: once there is something to look at."""
    local = localtime(now)
    today = local.date()
    if ReminderDay.objects.filter(pk=organization_id, day=today).exists():
        today += timedelta(days=1)
    elif day_of(local, morning=morning) is not None:
        return None
    return datetime.combine(today, morning, tzinfo=local.tzinfo)


def reminders_of(member: Membership, *, done: bool = False) -> OrganizationQuerySet:
    """The reminders that the member may see: those open, or those that somebody is done with.

    One whose license was renewed, is gone or inactive, or whose producer is no longer watched, is not open,
    from the moment at which the registry said so.
    """
    mine: OrganizationQuerySet = Reminder.objects.visible_to(member, Permission.READ)
    if done:
        return mine.filter(done_at__isnull=False, license__producer__removed_at=None)
    return mine.filter(
        done_at=None,
        closed_at=None,
        license__expires_on=F("expires_on"),
        license__gone_at=None,
        license__is_active=True,
        license__producer__is_watched=True,
    )


def matching_reminders(member: Membership, selection: ReminderSelection) -> OrganizationQuerySet:
    """Those that the selection asks for."""
    found = reminders_of(member, done=selection.done)
    if selection.days:
        found = found.filter(days=selection.days)
    if selection.state:
        found = found.filter(license__state=selection.state)
    return found


def reminder_page(
    member: Membership, selection: ReminderSelection, *, after: str = "", before: str = "", size: int = PAGE
) -> tuple[list[Reminder], Page]:
    """One page of them, with licenses and producers: soonest to expire first, or last done first."""
    page = page_of(
        matching_reminders(member, selection),
        among=reminders_of(member, done=selection.done),
        order=DONE_LAST_FIRST if selection.done else SOONEST_FIRST,
        size=size,
        after=after,
        before=before,
    )
    rows = Reminder.objects.visible_to(member, Permission.READ).select_related("license__producer", "done_by")
    found = {reminder.pk: reminder for reminder in rows.filter(id__in=page.keys)}
    return [found[key] for key in page.keys if key in found], page


def done_at_once(member: Membership, at: datetime) -> OrganizationQuerySet:
    """The reminders that the member marked as done by one click, at that time."""
    return reminders_of(member, done=True).filter(done_at=at, done_by_id=member.user_id)
