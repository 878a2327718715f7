"""Contacts: producers seen as people, where each is with the portals, and when one has last viewed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.db.models.functions import Collate, Lower

from muster.access.models import Membership, OrganizationQuerySet
from muster.lists.keyset import Narrow, Order, Page, all_of, page_of
from muster.portals.queries import in_portal_state, portal_state
from muster.producers.models import Producer
from muster.producers.queries import ORDERS as PRODUCER_ORDERS
from muster.producers.queries import UNSEEN, visible_producers
from muster.producers.queries import Selection as ProducerSelection
from muster.producers.queries import matching as matching_producers
from muster.producers.viewing import last_viewed, viewed_by

PAGE = 50

LAST = chr(0x10FFFF)
"""Comes after every character."""

RECENT, ALL = "recent", "all"

_NAMED = {name: PRODUCER_ORDERS[name] for name in ("name", "-name", "npn", "-npn")}

ORDERS: Mapping[str, Order] = {
    "-viewed": Order(("viewed_at", "id"), descending=True),
    "viewed": Order(("viewed_at", "id")),
    **_NAMED,
}

ORDERS_OF: Mapping[str, tuple[str, ...]] = {RECENT: tuple(ORDERS), ALL: tuple(_NAMED)}
"""The orders of each list, its own first: not everybody was viewed."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of the contacts: those viewed recently, or all of them.

    `search` and `agency` are as for producers, and a search with @ begins an email. `state` is one of
    `muster.portals.queries.STATES`, or empty.
    """

    list: str = RECENT
    search: str = ""
    agency: int | str | None = None
    state: str = ""
    order: str = "-viewed"

    @property
    def narrows(self) -> bool:
        """Whether it leaves anybody of its list out."""
        return bool(self.search.strip() or self.agency or self.state)


def visible_contacts(member: Membership) -> OrganizationQuerySet:
    """The producers that the member may read, each with `viewed_at`: when the member last did."""
    return visible_producers(member).annotate(viewed_at=last_viewed(member))


def matching(
    contacts: OrganizationQuerySet, member: Membership, selection: Selection
) -> OrganizationQuerySet:
    """Those of the contacts that the selection asks for."""
    if selection.list == RECENT:
        contacts = contacts.filter(pk__in=viewed_by(member).values("producer"))
    if "@" in selection.search:
        begins = selection.search.strip().lower()
        contacts = contacts.annotate(address=Collate(Lower("email"), "C")).filter(
            address__gte=begins, address__lt=begins + LAST
        )
        asked = ProducerSelection(agency=selection.agency)
    else:
        asked = ProducerSelection(search=selection.search, agency=selection.agency)
    found = matching_producers(contacts, asked)
    return found.filter(in_portal_state(selection.state)) if selection.state else found


def contact_page(
    member: Membership,
    selection: Selection,
    *,
    after: str = "",
    before: str = "",
    size: int = PAGE,
    narrow: Narrow = all_of,
) -> tuple[list[Producer], Page]:
    """One page of the contacts that the selection asks for, each with `viewed_at`, `portal_state` and
    `preferred_email`, which they told themselves.
    """
    everybody = visible_contacts(member)
    order = ORDERS[selection.order]
    page = page_of(
        narrow(matching(everybody, member, selection)),
        among=everybody,
        order=order,
        size=size,
        after=after,
        before=before,
    )
    identity = order.keys[-1]
    shown = everybody.filter(**{f"{identity}__in": page.keys}).annotate(
        portal_state=portal_state(), preferred_email=F("own_contact__email")
    )
    rows: Any = shown.select_related("agency", "leaving").defer(*UNSEEN)
    found = {getattr(one, identity): one for one in rows}
    return [found[key] for key in page.keys if key in found], page
