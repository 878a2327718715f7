"""From an operation to its page, whatever it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.kinds import SelectionKind, UnknownKind, kind_of
from muster.bulk.models import Operation


@dataclass(frozen=True, slots=True)
class OperationLink:
    """What an operation is called, and its page."""

    label: str
    url: str


def links_of_operations(member: Membership, ids: Iterable[UUID | None]) -> dict[UUID | None, OperationLink]:
    """The pages of those of the operations that the member's organization has; one query."""
    wanted = {one for one in ids if one}
    if not wanted:
        return {}
    found = Operation.objects.visible_to(member, Permission.READ).filter(pk__in=wanted)
    return {operation.pk: link for operation in found if (link := link_of(operation))}


def link_of(operation: Operation) -> OperationLink | None:
    """The page of an operation; None for a kind that is no longer known."""
    try:
        kind = kind_of(operation)
    except UnknownKind:
        return None
    page = "operation-detail" if isinstance(kind, SelectionKind) else "import-detail"
    return OperationLink(operation.source_name or kind.label, reverse(page, args=[operation.pk]))
