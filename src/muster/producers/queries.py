"""Reading lists: producers by name, NPN, state, status and agency, in four orders; and agencies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import BooleanField, Count, F, Func, Q, TextField, Value
from django.db.models.functions import Coalesce, Length, Lower

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.licenses.models import License
from muster.lists.keyset import Narrow, Order, Page, all_of, page_of
from muster.producers.models import NEVER, Agency, Producer, SyncStatus

PAGE = 50
SAID_BEFORE_A_NUMBER = re.compile(r"\bNPN[\s:#]*(?=[0-9])", re.IGNORECASE | re.ASCII)
NO_AGENCY = "none"

UNSEEN = ("search_words", "ssn_sealed", "other_names", "sync_notes")
"""What no list shows of a producer, and so none reads."""

UNSEEN_OF_PRODUCER = tuple(f"producer__{name}" for name in UNSEEN)
"""The same, for lists of what producers have."""

# In these the registry has said its last word, and a person must do something.
NEEDS_ATTENTION = (SyncStatus.NOT_FOUND, SyncStatus.RETRY_ERROR)

PROBLEMS = {
    "attention": Q(sync_status__in=NEEDS_ATTENTION),
    "name-differs": Q(name_differs=True),
    "leaving": Q(leaving__isnull=False),
}

ORDERS = {
    "name": Order(("sort_name", "id")),
    "-name": Order(("sort_name", "id"), descending=True),
    "npn": Order(("digits", "npn")),
    "-npn": Order(("digits", "npn"), descending=True),
    "-synced": Order(("freshness", "id"), descending=True),
    "synced": Order(("freshness", "id")),
    "-added": Order(("id",), descending=True),
    "added": Order(("id",)),
}
DEFAULT_ORDER = "name"


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of the list of producers. Empty means: all of them.

    `search` is what a person typed: digits begin an NPN, other words begin words of the name. `agency` is an
    id or `NO_AGENCY`; `statuses` are alternatives; `problem` is a key of `PROBLEMS`.
    """

    search: str = ""
    state: str = ""
    statuses: tuple[str, ...] = ()
    agency: int | str | None = None
    problem: str = ""
    order: str = DEFAULT_ORDER

    @property
    def narrows(self) -> bool:
        """Whether it leaves anybody out."""
        return bool(self.search.strip() or self.state or self.statuses or self.agency or self.problem)


def visible_producers(member: Membership, *, ever: bool = False) -> OrganizationQuerySet:
    """The producers that the member may read, with what they can be ordered by.

    `ever`: with those who were removed, whose pages and transactions stay on record.
    """
    all_of_them = Producer.objects.ever_visible_to if ever else Producer.objects.visible_to
    producers: OrganizationQuerySet = all_of_them(member, Permission.READ)
    return producers.annotate(digits=Length("npn"), freshness=Coalesce("synced_at", Value(NEVER)))


def producers_for(organization_id: int, member: Membership | None) -> OrganizationQuerySet:
    """The organization's producers, also those removed, whom a file of this member may be about.

    Without a member it is Muster itself who asks.
    """
    producers: OrganizationQuerySet = Producer.objects.filter(organization_id=organization_id)
    limits = member.agency_ids if member else None
    return producers if member is None or limits is None else producers.within(limits, member)


def matching(producers: OrganizationQuerySet, selection: Selection) -> OrganizationQuerySet:
    """Those of the producers that the selection asks for."""
    words = SAID_BEFORE_A_NUMBER.sub("", selection.search.replace(",", " ")).split()
    numbers = [word for word in words if word.isascii() and word.isdigit()]
    for number in numbers:
        producers = producers.filter(npn__startswith=number.lstrip("0") or "0")
    if names := [word for word in words if word not in numbers]:
        producers = producers.filter(_named(" ".join(names)))
    if selection.state:
        producers = producers.filter(license_states__contains=[selection.state])
    if selection.statuses:
        producers = producers.filter(sync_status__in=selection.statuses)
    if selection.agency == NO_AGENCY:
        producers = producers.filter(agency=None)
    elif selection.agency:
        producers = producers.filter(agency_id=selection.agency)
    if selection.problem:
        producers = producers.filter(PROBLEMS[selection.problem])
    return producers


def of_producers_found(
    rows: OrganizationQuerySet, member: Membership, search: str, *, ever: bool = False
) -> OrganizationQuerySet:
    """Those of the rows whose `producer` the search finds, as the list of producers does; all without one.

    `ever`: also those of producers who were removed.
    """
    if not search.strip():
        return rows
    found = matching(visible_producers(member, ever=ever), Selection(search=search))
    return rows.filter(producer__in=found.values("pk"))


def _named(words: str) -> Func:
    typed = Func(Value(words), function="muster_name_query", output_field=TextField())
    return Func(
        F("search_words"),
        typed,
        template="%(expressions)s",
        arg_joiner=" @@ ",
        output_field=BooleanField(),
    )


@dataclass(slots=True)
class StateBadge:
    """A state in which a producer holds licenses: as a resident, and whether one of them is in force."""

    state: str
    is_resident: bool = False
    is_active: bool = False


@dataclass(slots=True)
class Line:
    """A producer in the list, with the states of the licenses: resident ones first."""

    producer: Producer
    badges: list[StateBadge] = field(default_factory=list)
    licenses: int = 0
    active: int = 0


@dataclass(frozen=True, slots=True)
class ProducerPage:
    """A page of the list of producers."""

    lines: list[Line]
    page: Page


def producer_page(
    member: Membership,
    selection: Selection,
    *,
    today: date,
    after: str = "",
    before: str = "",
    size: int = PAGE,
    narrow: Narrow = all_of,
) -> ProducerPage:
    """One page of the producers that the selection asks for."""
    everybody = visible_producers(member)
    order = ORDERS[selection.order]
    page = page_of(
        narrow(matching(everybody, selection)),
        among=everybody,
        order=order,
        size=size,
        after=after,
        before=before,
    )
    identity = order.keys[-1]
    found = {
        getattr(producer, identity): producer
        for producer in everybody.filter(**{f"{identity}__in": page.keys})
        .select_related("agency", "leaving")
        .defer(*UNSEEN)
    }
    # One that was removed since is left out.
    producers = [found[key] for key in page.keys if key in found]
    return ProducerPage(_with_licenses(producers, today), page)


def _with_licenses(producers: Sequence[Producer], today: date) -> list[Line]:
    lines = {producer.pk: Line(producer) for producer in producers}
    badges: dict[int, dict[str, StateBadge]] = defaultdict(dict)
    licenses = License.objects.filter(producer__in=list(lines), gone_at=None).order_by("state")
    for license in licenses.only("producer_id", "state", "residency", "is_active", "expires_on"):
        in_force = is_in_force(license, today)
        badge = badges[license.producer_id].setdefault(license.state, StateBadge(license.state))
        badge.is_resident |= license.residency == License.Residency.RESIDENT
        badge.is_active |= in_force
        lines[license.producer_id].licenses += 1
        lines[license.producer_id].active += in_force
    for producer_id, of_states in badges.items():
        lines[producer_id].badges = sorted(
            of_states.values(), key=lambda badge: (not badge.is_resident, badge.state)
        )
    return list(lines.values())


def is_in_force(license: License, today: date) -> bool:
    """Whether the registry calls the license active and it has not expired."""
    return license.is_active and (license.expires_on is None or license.expires_on >= today)


AGENCY_ORDERS = {"name": Order(("folded", "id")), "-name": Order(("folded", "id"), descending=True)}


def visible_agencies(member: Membership) -> OrganizationQuerySet:
    """The agencies that the member may read."""
    agencies: OrganizationQuerySet = Agency.objects.visible_to(member, Permission.READ)
    return agencies.annotate(folded=Lower("name"))


def agencies_found(member: Membership, search: str) -> OrganizationQuerySet:
    """The agencies with a piece of their name, or the beginning of their NPN; all without a search."""
    agencies = visible_agencies(member)
    if search := search.strip():
        agencies = agencies.filter(Q(name__icontains=search) | Q(npn__startswith=search))
    return agencies


def agency_page(
    member: Membership,
    *,
    search: str = "",
    after: str = "",
    before: str = "",
    size: int = PAGE,
    narrow: Narrow = all_of,
) -> tuple[list[Agency], Page]:
    """One page of the agencies by name, each with `members`: how many producers it has.

    `search` is as in `agencies_found`.
    """
    everything, rows = visible_agencies(member), agencies_found(member, search)
    page = page_of(
        narrow(rows), among=everything, order=AGENCY_ORDERS["name"], size=size, after=after, before=before
    )
    agencies = {agency.pk: agency for agency in everything.filter(id__in=page.keys)}
    producers = Producer.objects.visible_to(member, Permission.READ).filter(agency__in=list(agencies))
    members = dict(producers.order_by().values_list("agency").annotate(Count("id")))
    for agency in agencies.values():
        agency.members = members.get(agency.pk, 0)
    return [agencies[key] for key in page.keys if key in agencies], page


MOST_AGENCIES = 300
"""So many can be chosen from in a drop-down; where there are more, the list of agencies leads to each."""


def agency_choices(member: Membership, *, chosen: int | str | None) -> tuple[list[Agency], bool]:
    """Agencies to choose from by name, and whether these are all of them; the chosen one is always there."""
    agencies = visible_agencies(member).order_by("folded", "id")
    found = list(agencies[: MOST_AGENCIES + 1])
    if len(found) <= MOST_AGENCIES:
        return found, True
    return list(agencies.filter(id=chosen)) if isinstance(chosen, int) else [], False
