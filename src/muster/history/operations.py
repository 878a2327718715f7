"""Taking the history along."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.audit.operations import EventKind, record
from muster.history.models import Change
from muster.history.queries import ChangeSelection, every_change, matching_changes


def export_changes(*, by: Membership, selection: ChangeSelection) -> Iterator[Change]:
    """Every change that the selection asks for, newest first, read as it is asked for.

    On record before the first of them is read, with how many they are. Raises PermissionDenied.
    """
    if not by.may(Permission.READ):
        raise PermissionDenied
    changes = matching_changes(by, selection)
    record(
        EventKind.CHANGES_EXPORTED,
        organization_id=by.organization_id,
        by_id=by.user_id,
        data={"rows": changes.count()},
    )
    return every_change(changes)
