"""Keeping views of lists: saved, shared, opened by default, deleted."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from muster.access.models import Membership
from muster.reports.models import LONGEST_NAME, LONGEST_QUERY, DefaultView, SavedView

MOST_VIEWS = 100


class CannotKeep(ValueError):
    """It cannot be kept; the message says what to do."""


def save_view(*, by: Membership, page: str, name: str, query: str, is_shared: bool) -> SavedView:
    """Keep the query of a list under a name; one's own view of that name is replaced. Raises CannotKeep."""
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise CannotKeep("Give the view a name.")
    if len(name) > LONGEST_NAME:
        raise CannotKeep(f"A name has at most {LONGEST_NAME} letters.")
    if len(query) > LONGEST_QUERY:
        raise CannotKeep("This asks for too much to be kept: take some of the conditions off.")
    own = SavedView.objects.filter(organization=by.organization_id, owner=by.user_id, page=page)
    with transaction.atomic():
        changed = own.filter(name__iexact=name).first()
        if changed is None and own.count() >= MOST_VIEWS:
            raise CannotKeep(f"You have {MOST_VIEWS} views of this list: delete one first.")
        view = changed or SavedView(organization_id=by.organization_id, owner_id=by.user_id, page=page)
        view.name, view.query, view.is_shared = name, query, is_shared
        try:
            with transaction.atomic():
                view.save()
        except IntegrityError:
            raise CannotKeep(f"A view “{name}” was saved this moment. Choose another name.") from None
    return view


def open_with(*, by: Membership, page: str, view: SavedView | None) -> None:
    """Open the list with a view the member may read from now on; with None, as it comes."""
    mine = DefaultView.objects.filter(organization=by.organization_id, user=by.user_id, page=page)
    if view is None:
        mine.delete()
        return
    DefaultView.objects.update_or_create(
        organization_id=by.organization_id, user_id=by.user_id, page=page, defaults={"view": view}
    )
