"""Reading the history: of one producer, and of the organization, page by page or whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from django.apps import apps
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.timezone import make_aware

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.history.models import Change
from muster.lists.keyset import Order, Page, beyond, page_of

PAGE = 50
EXPORTED_AT_A_TIME = 2_000
NEWEST_FIRST = Order(("at", "id"), descending=True)


class OfOrganization(Protocol):
    """A producer, for all that the history knows of one."""

    pk: Any
    organization_id: int


@dataclass(frozen=True, slots=True)
class ChangeSelection:
    """What is asked of the history. Empty means: all of it.

    `kinds` and `verbs` are alternatives; `state` is a code, and leaves out what is of no single state.
    The days are those of the site's time zone, both included; `npn` is a whole one.
    """

    kinds: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    state: str = ""
    from_day: date | None = None
    to_day: date | None = None
    npn: str = ""

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return self != ChangeSelection()


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of the history, newest first; each change has its `producer` as `_with_producers` says."""

    changes: list[Change]
    page: Page


def changes_of(producer: OfOrganization, *, limit: int) -> list[Change]:
    """The newest changes of one producer, who has been read through `visible_to`; one read of an index."""
    changes = Change.objects.filter(organization_id=producer.organization_id, producer_id=producer.pk)
    return list(_with_producers(changes).select_related("by").order_by("-at", "-id")[:limit])


def last_changes_to(producer: OfOrganization, *, kind: str, new: dict[str, Any]) -> dict[int, datetime]:
    """When records of that kind of the producer last came to say `new`, by their id; one read of an index."""
    changes = Change.objects.filter(organization_id=producer.organization_id, producer_id=producer.pk)
    found = changes.filter(kind=kind, new__contains=new).order_by("at", "id")
    return dict(found.values_list("record_id", "at"))


def matching_changes(member: Membership, selection: ChangeSelection) -> QuerySet[Any]:
    """The changes that the member may read and the selection asks for, in no order."""
    changes = Change.objects.visible_to(member, Permission.READ)
    if selection.kinds:
        changes = changes.filter(kind__in=selection.kinds)
    if selection.verbs:
        changes = changes.filter(verb__in=selection.verbs)
    if selection.state:
        changes = changes.filter(state=selection.state)
    if selection.from_day:
        changes = changes.filter(at__gte=_midnight(selection.from_day))
    if selection.to_day and selection.to_day < date.max:
        changes = changes.filter(at__lt=_midnight(selection.to_day + timedelta(days=1)))
    if selection.npn:
        found = _producers().ever_visible_to(member, Permission.READ).filter(npn=selection.npn)
        # Asked for first: by one producer's id an index is walked, by a subquery another one might be.
        changes = changes.filter(producer_id__in=list(found.values_list("pk", flat=True)))
    return changes


def change_page(
    member: Membership,
    selection: ChangeSelection,
    *,
    after: str = "",
    before: str = "",
    size: int = PAGE,
) -> ChangePage:
    """One page of what the selection asks for, newest first; a constant number of queries."""
    page = page_of(
        matching_changes(member, selection),
        among=Change.objects.visible_to(member, Permission.READ),
        order=NEWEST_FIRST,
        size=size,
        after=after,
        before=before,
    )
    shown = Change.objects.visible_to(member, Permission.READ).filter(id__in=page.keys)
    found = {change.pk: change for change in _with_producers(shown).select_related("by")}
    return ChangePage([found[key] for key in page.keys], page)


def every_change(changes: QuerySet[Any]) -> Iterator[Change]:
    """All of the changes, newest first, read a page at a time.

    So memory stays flat, and nothing is held open in the database while a reader is slow.
    """
    rows = _with_producers(changes).select_related("by").order_by("-at", "-id")
    place: tuple[datetime, int] | None = None
    while page := list(beyond(rows, NEWEST_FIRST, place)[:EXPORTED_AT_A_TIME]):
        yield from page
        place = page[-1].at, page[-1].pk


def _with_producers(changes: QuerySet[Any]) -> QuerySet[Any]:
    """With `producer` on each: npn, first and last name of today; None for one that was removed."""
    named = _producers().filter(pk=OuterRef("producer_id"), organization_id=OuterRef("organization_id"))
    told = JSONObject(npn="npn", first="first_name", last="last_name")
    return changes.annotate(producer=Subquery(named.values(told=told)[:1]))


def _producers() -> Any:
    # The history stands below the records, and knows them by their tables.
    return apps.get_model("producers", "Producer").objects


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))
