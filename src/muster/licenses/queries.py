"""Reading the list of licenses: by standing, state, residency, day of expiry and producer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from django.db.models import Count, Q

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.carriers.state_rules import rulebook_of
from muster.core.licensing import window_days
from muster.core.words import states
from muster.licenses.models import ENDS, License, LineOfAuthority
from muster.licenses.standing import SOON, Standing, standing_of
from muster.lists.keyset import Narrow, Order, Page, all_of, page_of
from muster.producers.queries import UNSEEN_OF_PRODUCER, of_producers_found

PAGE = 50

IN_FORCE = "in-force"
ANY = "any"
ATTENTION = "attention"
RENEWALS = "renewals"

NO_WINDOWS: Mapping[str, int] = MappingProxyType({})

ORDERS = {
    "expiry": Order(("ends_on", "id")),
    "-expiry": Order(("ends_on", "id"), descending=True),
    "state": Order(("state", "producer_id", "id")),
}
DEFAULT_ORDER = "expiry"


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of the list of licenses.

    `standing` is `IN_FORCE`, a `Standing`, or `ANY`; `expires_from` and `expires_to` are the first and the
    last day of expiry, which leave out licenses that do not expire; `residency` is R or NR; `search` is as in
    the list of producers.
    """

    search: str = ""
    state: str = ""
    standing: str = IN_FORCE
    residency: str = ""
    expires_from: date | None = None
    expires_to: date | None = None
    order: str = DEFAULT_ORDER

    @property
    def narrows(self) -> bool:
        """Whether it leaves out licenses that are in force."""
        asked = (self.search.strip(), self.state, self.residency, self.expires_from, self.expires_to)
        return any(asked) or self.standing not in (IN_FORCE, ANY)


@dataclass(frozen=True, slots=True)
class Line:
    """A license in the list: its producer is loaded with it; `lines` are those that the registry lists."""

    license: License
    standing: Standing
    days_left: int | None
    lines: int

    @property
    def days_over(self) -> int:
        """How many days ago it expired."""
        return -(self.days_left or 0)


@dataclass(frozen=True, slots=True)
class LicensePage:
    """A page of the list of licenses."""

    lines: list[Line]
    page: Page


def visible_licenses(member: Membership) -> OrganizationQuerySet:
    """The licenses that the member may read, with what they can be ordered by."""
    licenses: OrganizationQuerySet = License.objects.visible_to(member, Permission.READ)
    return licenses.annotate(ends_on=ENDS)


def standing_is(standing: str, today: date, windows: Mapping[str, int] = NO_WINDOWS) -> Q:
    """The licenses that stand so today: the same decision as `standing_of`, as a condition.

    `windows` are the days of each state's window of renewal; where nobody has told it, as long as a license
    counts as one that expires soon.
    """
    soon = today + SOON
    active = Q(gone_at=None, is_active=True)
    return {
        ATTENTION: Q(gone_at=None) & (Q(is_active=False) | Q(ends_on__lt=today)),
        RENEWALS: active & Q(ends_on__gte=today) & _in_window(today, windows),
        IN_FORCE: active & Q(ends_on__gte=today),
        Standing.ACTIVE: active & Q(ends_on__gt=soon),
        Standing.EXPIRES_SOON: active & Q(ends_on__gte=today, ends_on__lte=soon),
        Standing.EXPIRED: active & Q(ends_on__lt=today),
        Standing.INACTIVE: Q(gone_at=None, is_active=False),
        Standing.GONE: Q(gone_at__isnull=False),
        ANY: Q(),
    }[standing]


def _in_window(today: date, windows: Mapping[str, int]) -> Q:
    by_days: dict[int, list[str]] = {}
    for state, days in windows.items():
        if days != SOON.days:
            by_days.setdefault(days, []).append(state)
    others = [state for some in by_days.values() for state in some]
    found = Q(ends_on__lte=today + SOON) & ~Q(state__in=others)
    for days, some in by_days.items():
        found |= Q(ends_on__lte=today + timedelta(days=days), state__in=some)
    # The longest bounds the range of the index that is read.
    longest = max((SOON.days, *by_days))
    return Q(ends_on__lte=today + timedelta(days=longest)) & found


def windows_of(member: Membership, today: date) -> Mapping[str, int]:
    """How many days before its expiry a license may be renewed, by state, as far as anybody has told."""
    return window_days(rulebook_of(member.organization_id), states(), today)


def matching(
    licenses: OrganizationQuerySet, member: Membership, selection: Selection, *, today: date
) -> OrganizationQuerySet:
    """Those of the licenses that the selection asks for."""
    windows = windows_of(member, today) if selection.standing == RENEWALS else NO_WINDOWS
    licenses = licenses.filter(standing_is(selection.standing, today, windows))
    if selection.state:
        licenses = licenses.filter(state=selection.state)
    if selection.residency:
        licenses = licenses.filter(residency=selection.residency)
    if selection.expires_from:
        licenses = licenses.filter(ends_on__gte=selection.expires_from, expires_on__isnull=False)
    if selection.expires_to:
        licenses = licenses.filter(ends_on__lte=selection.expires_to, expires_on__isnull=False)
    return of_producers_found(licenses, member, selection.search)


def license_page(
    member: Membership,
    selection: Selection,
    *,
    today: date,
    after: str = "",
    before: str = "",
    size: int = PAGE,
    narrow: Narrow = all_of,
) -> LicensePage:
    """One page of the licenses that the selection asks for."""
    everything = visible_licenses(member)
    page = page_of(
        narrow(matching(everything, member, selection, today=today)),
        among=everything,
        order=ORDERS[selection.order],
        size=size,
        after=after,
        before=before,
    )
    found = {
        license.pk: license
        for license in everything.filter(id__in=page.keys)
        .select_related("producer")
        .defer(*UNSEEN_OF_PRODUCER)
    }
    listed = LineOfAuthority.objects.filter(license__in=list(found), gone_at=None)
    lines = dict(listed.order_by().values_list("license").annotate(Count("id")))
    return LicensePage(
        [
            Line(
                license,
                standing_of(license, today),
                (license.expires_on - today).days if license.expires_on else None,
                lines.get(key, 0),
            )
            for key in page.keys
            if (license := found.get(key))
        ],
        page,
    )


@dataclass(frozen=True, slots=True)
class Week:
    """The licenses in force that expire within seven days."""

    first: date
    last: date
    licenses: int


@dataclass(frozen=True, slots=True)
class Expiring:
    """How many licenses in force expire in each of the next weeks, and how many have expired unrenewed."""

    weeks: tuple[Week, ...]
    expired: int

    @property
    def soon(self) -> int:
        """Those that expire soon: the weeks are just the days that count as soon."""
        return sum(week.licenses for week in self.weeks)


WEEKS = (SOON.days + 1) // 7


def expiring(member: Membership, *, today: date) -> Expiring:
    """Licenses by the week in which they expire, from today on; one query of one index."""
    licenses = License.objects.visible_to(member, Permission.READ)
    active = licenses.filter(gone_at=None, is_active=True, expires_on__lte=today + SOON)
    by_day = dict(active.order_by().values_list("expires_on").annotate(Count("id")))
    starts = [today + timedelta(weeks=number) for number in range(WEEKS)]
    weeks = [(first, first + timedelta(days=6)) for first in starts]
    return Expiring(
        tuple(
            Week(first, last, sum(count for day, count in by_day.items() if first <= day <= last))
            for first, last in weeks
        ),
        sum(count for day, count in by_day.items() if day < today),
    )
