"""The views of a list that somebody sees: their own, those that others share, and the one it opens with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.console.lists.listing import Listing
from muster.reports.models import DefaultView, SavedView


class KeptView(NamedTuple):
    """A view with its link; whether the list shows it now, and opens with it."""

    view: SavedView
    url: str
    on: bool
    is_default: bool
    is_mine: bool
    delete_url: str
    default_url: str


def visible_views(member: Membership, page: str) -> OrganizationQuerySet:
    """The views of a list that the member may open: their own, and shared ones."""
    views: OrganizationQuerySet = SavedView.objects.visible_to(member, Permission.READ)
    return views.filter(Q(owner=member.user_id) | Q(is_shared=True), page=page)


def default_view_of(member: Membership, page: str) -> SavedView | None:
    """The view with which the list opens for the member; one that is no longer shared is none."""
    kept = DefaultView.objects.visible_to(member, Permission.READ).filter(user=member.user_id, page=page)
    found: SavedView | None = visible_views(member, page).filter(pk__in=kept.values("view")).first()
    return found


def kept_views(member: Membership, listing: Listing, here: str) -> list[KeptView]:
    """The views of a list by name; the member's own first. One query."""
    mine = DefaultView.objects.filter(view=OuterRef("pk"), user=member.user_id, page=listing.name)
    views = visible_views(member, listing.name).annotate(is_default=Exists(mine)).select_related("owner")
    found = [_kept(one, member, listing, here) for one in views.order_by("name", "id")]
    return sorted(found, key=lambda one: not one.is_mine)


def _kept(view: Any, member: Membership, listing: Listing, here: str) -> KeptView:
    return KeptView(
        view=view,
        url=listing.url + (view.query if view.query != "?" else "?view=all"),
        on=view.query == here,
        is_default=view.is_default,
        is_mine=view.owner_id == member.user_id,
        delete_url=reverse("list-view-delete", args=[listing.name, view.pk]),
        default_url=reverse("list-view-default", args=[listing.name, view.pk]),
    )


def opens_with(views: Iterable[KeptView]) -> bool:
    """Whether the list opens with one of them."""
    return any(one.is_default for one in views)
