"""Results files that leave Muster, each on record."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.audit.operations import EventKind, record
from muster.bulk.kinds import kind_of
from muster.bulk.models import Operation
from muster.bulk.results import result_rows


def download_results(
    *, by: Membership, operation: Operation, only_failed: bool = False
) -> Iterator[list[object]]:
    """The rows of the results file, header first, streamed; on record before the first of them is read.

    SSNs are in clear for who may see them, and masked for others. Raises PermissionDenied.
    """
    if operation.organization_id != by.organization_id or not by.may(kind_of(operation).permission):
        raise PermissionDenied
    may_see_sealed = by.may(Permission.SEE_SSN)
    record(
        EventKind.RESULTS_DOWNLOADED,
        organization_id=operation.organization_id,
        by_id=by.user_id,
        operation_id=operation.pk,
        subject=f"operation:{operation.pk}",
        data={"only_failed": only_failed, "ssn_in_clear": may_see_sealed},
    )
    return result_rows(operation, only_failed=only_failed, may_see_sealed=may_see_sealed)
