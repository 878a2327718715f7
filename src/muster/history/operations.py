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

    On record when the reader is through or goes away, with how many were handed over: to count them before
    would read them all once more. Raises PermissionDenied.
    """
    if not by.may(Permission.READ):
        raise PermissionDenied
    return _on_record(by, every_change(matching_changes(by, selection)))


def _on_record(by: Membership, changes: Iterator[Change]) -> Iterator[Change]:
    rows = 0
    try:
        for change in changes:
            rows += 1
            yield change
    finally:
        record(
            EventKind.CHANGES_EXPORTED,
            organization_id=by.organization_id,
            by_id=by.user_id,
            data={"rows": rows},
        )
