"""Inviting producers that are ticked in a list, or all that it holds, to a portal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, F
from django.db.models.fields.json import KT
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.kinds import Judge, Row, SelectionKind, Span
from muster.bulk.models import Item, Operation, Outcome
from muster.bulk.states import GOOD
from muster.core.acting import NOT_PERMITTED
from muster.core.inviting import DONE, Result, Seating
from muster.portals.catalogue import CODES, NO_PORTAL
from muster.portals.models import Portal
from muster.portals.operations import invite
from muster.portals.queries import invitees, open_portals, seats_taken
from muster.producers.queries import producers_for
from muster.transactions.actions.items import mark_done, refuse, terms_of

PORTAL = "portal"
"""The parameter of an invitation that names the portal, by its id."""

RESULT = "result"

OUTCOMES = {
    Result.INVITED: Outcome.CREATED,
    Result.AGAIN: Outcome.UPDATED,
    Result.REGISTERED: Outcome.UNCHANGED,
}

FORESEEN = {
    Result.AGAIN: "already invited: will be updated and sent again",
    Result.REGISTERED: "already registered: gets no mail",
}

SAID = {
    Result.INVITED: Result.INVITED.value,
    Result.AGAIN: "already invited: updated and sent again",
    Result.REGISTERED: "already registered: updated, no mail was sent",
}


def portal_of(operation: Operation) -> Portal | None:
    """The portal to which an operation invites: the one that was chosen, or else the only one there is."""
    portals = open_portals(operation.organization_id)
    chosen = str(operation.params.get(PORTAL, ""))
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 19:
        return portals.filter(pk=int(chosen)).first()
    only = list(portals[:2])
    return only[0] if len(only) == 1 else None


class InviteToPortal(SelectionKind):
    """Invites producers to a portal: each gets a mail with a link to register."""

    name = "portal-users"
    label = "Create/Update Portal User"
    permission = Permission.INVITE_PRODUCERS
    target = "producer"
    one = "producer"
    many = "producers"
    chunk = 250
    verb = "Create/Update Portal User"
    confirm = "Save"
    aim = "invite them to a portal"
    done = "invited"
    note = (
        "Each gets a mail with a link to register, which works for 7 days. Who was invited before gets a new "
        "one, and the old link ends."
    )
    not_allowed = frozenset({NOT_PERMITTED})

    def judge(self, operation: Operation) -> Judge:
        return _Judge(operation, self.permission)

    def preview(self, operation: Operation) -> dict[str, int]:
        items = Item.objects.filter(operation=operation, state__in=GOOD).order_by()
        counted = items.values(told=KT(f"data__{RESULT}")).annotate(n=Count(F("row_no")))
        return {OUTCOMES[Result(told)].value: n for told, n in counted.values_list("told", "n")}

    def apply(self, span: Span) -> None:
        operation = span.operation
        items = Item.objects.filter(
            operation=operation, row_no__range=(span.first, span.last), state__in=GOOD
        )
        rows = [
            Row(row_no, [], {}, target_id=target)
            for row_no, target in items.order_by("row_no").values_list("row_no", "target_id")
        ]
        may, portal = terms_of(operation, self.permission).may, portal_of(operation)
        results = None
        if may and portal is not None:
            ids = [row.target_id or 0 for row in rows]
            theirs = _theirs(operation, ids)
            results = invite(
                organization_id=operation.organization_id,
                portal_id=portal.pk,
                producer_ids=[one for one in ids if one in theirs],
                by_id=operation.by_id,
                operation_id=operation.pk,
                now=timezone.now(),
            )
            if results is not None:
                results = dict.fromkeys(ids, Result.GONE) | results
        _tell(rows, results, may=may)
        refuse(operation, [found for row in rows for found in row.findings])
        for result, outcome in OUTCOMES.items():
            if done := {row.row_no: row.data for row in rows if row.data.get(RESULT) == result}:
                mark_done(operation, list(done), outcome=outcome, results=done)

    def foresee(self, data: Mapping[str, Any]) -> str:
        return FORESEEN.get(data.get(RESULT, ""), "")

    def say(self, result: Mapping[str, Any]) -> str:
        return SAID.get(result.get(RESULT, ""), "")


class _Judge(Judge):
    """Judges producers by what is on file, and by the seats that are left as things stand."""

    def __init__(self, operation: Operation, permission: Permission) -> None:
        self._organization_id = operation.organization_id
        self._may = terms_of(operation, permission).may and operation.by_id is not None
        self._portal = portal_of(operation)
        if self._portal:
            self._seating = Seating(self._portal.seats - seats_taken(self._portal.pk))

    def judge(self, rows: Sequence[Row]) -> None:
        results = None
        if self._may and self._portal:
            ids = [row.target_id or 0 for row in rows]
            found = invitees(self._organization_id, self._portal.pk, ids)
            results = dict.fromkeys(ids, Result.GONE) | self._seating.decide(one.facts for one in found)
        _tell(rows, results, may=self._may)


def _theirs(operation: Operation, ids: Sequence[int]) -> set[int]:
    """Those of the producers whom the person who invites may still know of."""
    places = Membership.objects.filter(organization_id=operation.organization_id, user=operation.by)
    theirs = producers_for(operation.organization_id, places.first()).filter(pk__in=ids)
    return set(theirs.values_list("pk", flat=True))


def _tell(rows: Sequence[Row], results: Mapping[int, Result] | None, *, may: bool) -> None:
    """Keep with each row what becomes of it; without results there is no portal."""
    for row in rows:
        if not may:
            row.find(NOT_PERMITTED)
        elif results is None:
            row.find(NO_PORTAL)
        elif (result := results[row.target_id or 0]) in DONE:
            row.data = {RESULT: result.value}
        else:
            row.find(CODES[result])
