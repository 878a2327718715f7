"""Removing producers by their NPNs, where nobody looks first: by a program, or from a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.models import Operation
from muster.bulk.operations import GOES_ON, NotThisOne, start_selection
from muster.offboarding.removing import RemoveProducers
from muster.producers.models import Producer

MOST_NAMED = 5


class NotHere(Exception):
    """Some NPNs are of nobody who is here: `npns` are these, and the message says so."""

    def __init__(self, npns: Sequence[str]) -> None:
        named = ", ".join(npns[:MOST_NAMED]) + (" and others" if len(npns) > MOST_NAMED else "")
        super().__init__(f"Nobody here has the NPN {named}. Nobody was removed: mend the list first.")
        self.npns = npns


def request_removal(
    *,
    by: Membership,
    npns: Sequence[str],
    operation_id: UUID,
    now: datetime,
    params: Mapping[str, Any],
    goes_on: bool = True,
    defer: bool = True,
) -> Operation:
    """Begin to remove the producers with these NPNs; with one id twice, that of the first time is returned.

    `goes_on`: without anybody looking first. Raises NotHere before anything is done, and NotThisOne.
    """
    begun = Operation.objects.filter(pk=operation_id).first()
    if begun is not None:
        if begun.organization_id != by.organization_id:
            raise NotThisOne
        return begun
    here = Producer.objects.visible_to(by, Permission.REMOVE_PRODUCERS).filter(npn__in=npns)
    known = set(here.values_list("npn", flat=True))
    if unknown := [npn for npn in dict.fromkeys(npns) if npn not in known]:
        raise NotHere(unknown)
    return start_selection(
        operation_id=operation_id,
        member=by,
        kind=RemoveProducers(),
        selection=here.order_by("id"),
        now=now,
        params={**params, **({GOES_ON: True} if goes_on else {})},
        defer=defer,
    )
