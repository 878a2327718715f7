"""The mail of a morning: which licenses expire soon, to each person who is to be reminded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from muster.access.models import Organization
from muster.core.counting import counted
from muster.core.words import states
from muster.licenses.models import License
from muster.notices.models import Reminder, ReminderChoice
from muster.notices.operations import queue_email

KIND = "license-reminders"
TOLD = 50
"""So many licenses stand in the mail; the others are a click away."""


@dataclass(frozen=True, slots=True)
class Told:
    """A license as the mail tells it."""

    name: str
    npn: str
    state: str
    number: str
    residency: str
    expires_on: date
    days_left: int
    link: str

    @property
    def left(self) -> str:
        """Such as "13 days left"."""
        return "today" if not self.days_left else f"{counted(self.days_left, 'day,days')} left"


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """The facts of the mail. `counts` are new reminders by their number of days, of those `chosen`."""

    organization: str
    chosen: list[int]
    counts: Mapping[int, int]
    licenses: list[Told]
    list_link: str
    settings_link: str

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def more(self) -> int:
        """How many are not told one by one."""
        return self.total - len(self.licenses)

    @property
    def subject(self) -> str:
        """Such as "15 licenses expire within 90 days, 3 of them within 7"."""
        nearest, furthest = min(self.counts), max(self.counts)
        verb = "expires" if self.total == 1 else "expire"
        told = f"{counted(self.total, 'license,licenses')} {verb} within {furthest} days"
        return told if nearest == furthest else f"{told}, {self.counts[nearest]:,} of them within {nearest}"

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The counts as label and number, such as ("In 8 to 14 days", "12")."""
        bounds = zip([None, *sorted(self.chosen)], sorted(self.chosen), strict=False)
        return [
            (f"Within {days} days" if before is None else f"In {before + 1} to {days} days", f"{count:,}")
            for before, days in bounds
            if (count := self.counts.get(days))
        ]


def queue_digests(
    *,
    organization: Organization,
    choice: ReminderChoice,
    readers: Iterable[str],
    counts: Mapping[int, int],
    day: date,
    now: datetime,
) -> None:
    """Put one mail to each reader about the reminders made at `now` into the outbox, in this transaction."""
    made = (
        Reminder.objects.filter(organization=organization, made_at=now)
        .select_related("license__producer")
        .order_by("expires_on", "id")
    )
    digest = Digest(
        organization=organization.name,
        chosen=choice.wanted,
        counts=counts,
        licenses=[_told(reminder.license, day) for reminder in made[:TOLD]],
        list_link=settings.MUSTER_SITE_URL + reverse("reminder-list") if choice.in_console else "",
        settings_link=settings.MUSTER_SITE_URL + reverse("reminder-settings"),
    )
    text = render_to_string("notices/digest.txt", {"digest": digest}).strip() + "\n"
    html = render_to_string("notices/digest.html", {"digest": digest})
    for address in readers:
        queue_email(
            organization_id=organization.pk,
            kind=KIND,
            to=address,
            subject=digest.subject,
            text=text,
            html=html,
            occasion=day.isoformat(),
        )


def _told(license: License, day: date) -> Told:
    producer = license.producer
    assert license.expires_on is not None  # noqa: S101  it has a reminder
    return Told(
        name=str(producer),
        npn=producer.npn,
        state=states().get(license.state, license.state),
        number=license.number,
        residency=license.get_residency_display().lower(),
        expires_on=license.expires_on,
        days_left=(license.expires_on - day).days,
        link=settings.MUSTER_SITE_URL + reverse("producer-detail", args=[producer.npn]),
    )
