"""Reading drafts and territories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.core.onboarding import UNDER_WAY
from muster.onboarding.models import Draft, Territory


def visible_drafts(member: Membership) -> OrganizationQuerySet:
    """The drafts of producers who are onboarded one by one, which the member may go on with."""
    drafts: OrganizationQuerySet = Draft.objects.visible_to(member, Permission.IMPORT)
    return drafts.filter(operation=None)


def drafts_under_way(member: Membership) -> OrganizationQuerySet:
    """The drafts that wait to be gone on with, those touched last first."""
    drafts = visible_drafts(member).filter(status__in=UNDER_WAY).select_related("touched_by")
    return drafts.order_by("-touched_at", "id")


def in_a_file(member: Membership, npn: str) -> Draft | None:
    """The row of a file, still to be onboarded, that names the producer."""
    rows = Draft.objects.visible_to(member, Permission.IMPORT).filter(
        operation__isnull=False, status__in=UNDER_WAY, npn=npn
    )
    found: Draft | None = rows.exclude(npn="").select_related("operation").order_by("-id").first()
    return found


def territories_of(member: Membership) -> list[Territory]:
    """The organization's territories by name."""
    return list(Territory.objects.visible_to(member, Permission.READ).order_by("name", "id"))


def states_of(territories: Sequence[Territory]) -> Mapping[str, Sequence[str]]:
    """The states of each territory, by its id as a form gives it."""
    return {str(one.pk): one.states for one in territories}
