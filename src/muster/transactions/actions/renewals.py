"""Renewing licenses that are ticked in a list, or all that it holds: a transaction for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, ClassVar

from django.db.models import BigIntegerField, Count, Q, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone

from muster.access.permissions import Permission
from muster.bulk.kinds import Judge, Row, SelectionKind, Span
from muster.bulk.models import Item, Operation, Outcome
from muster.bulk.states import GOOD
from muster.core.acting import GONE, NOT_PERMITTED
from muster.core.amounts import dollars
from muster.core.findings import Severity
from muster.core.licensing import PAYER_LABELS
from muster.core.transactions import number_told
from muster.licenses.models import License
from muster.transactions.actions.items import mark_done, refuse, terms_of
from muster.transactions.ending_batches import Author
from muster.transactions.facts import lock_producers
from muster.transactions.licensing import Renewal, renewals_of, request_renewals
from muster.transactions.terms import Setup, license_setup_of

ENDLESS = "LIC-E001"
RENEWAL_OPEN = "LIC-E002"
NOT_IN_FORCE = "LIC-E003"
LAPSED = "LIC-E004"
WINDOW_UNKNOWN = "LIC-W001"
NOT_YET = "LIC-W002"
PAYER_UNKNOWN = "LIC-W003"

PAID_BY = "paid_by"
"""The parameter of an operation that says who pays where no setup of payment does."""


class RenewLicenses(SelectionKind):
    """Renews licenses, one by one or all of a list."""

    name = "renew-licenses"
    label = "Renew licenses"
    permission = Permission.PREPARE_FILINGS
    target = "license"
    one = "license"
    many = "licenses"
    chunk = 2_000
    verb = "Renew"
    done = "requested"
    note = (
        "A transaction is made for each, ready and not sent. The expiry moves once the state has accepted it."
    )
    applies_to = "It applies to licenses that are active and expire, and to those that lapsed within a year."
    not_allowed = frozenset({NOT_PERMITTED})
    warned: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            WINDOW_UNKNOWN: "Nobody has told when the state begins to take renewals.",
            NOT_YET: "The state does not take it yet. Beside each license stands from when on.",
        }
    )

    def judge(self, operation: Operation) -> Judge:
        return _Judge(operation, self.permission)

    def preview(self, operation: Operation) -> dict[str, int]:
        return {Outcome.CREATED.value: Item.objects.filter(operation=operation, state__in=GOOD).count()}

    def apply(self, span: Span) -> None:
        operation = span.operation
        items = Item.objects.filter(
            operation=operation, row_no__range=(span.first, span.last), state__in=GOOD
        )
        rows = [
            Row(row_no, [], {}, target_id=target)
            for row_no, target in items.order_by("row_no").values_list("row_no", "target_id")
        ]
        ids = [row.target_id for row in rows if row.target_id is not None]
        setup = license_setup_of(operation.organization_id, today=timezone.localdate())
        whose = License.objects.filter(pk__in=ids, organization_id=operation.organization_id)
        lock_producers(sorted(set(whose.values_list("producer_id", flat=True))))
        # Facts may have changed since the check: they are read again, locked, and judged by the same rules.
        _judge(rows, renewals_of(setup, ids), setup, may=terms_of(operation, self.permission).may)
        against = [found for row in rows for found in row.findings if found.severity is Severity.ERROR]
        refuse(operation, against)
        refused = {found.row for found in against}
        good = {row.target_id: row for row in rows if row.row_no not in refused and row.target_id is not None}
        if not good:
            return
        paid_by = str(operation.params.get(PAID_BY, ""))
        made = request_renewals(
            setup,
            good,
            Author(operation.pk, operation.by_id),
            timezone.now(),
            once=False,
            paid_by=paid_by,
        )
        for row in good.values():
            row.data["paid_by"] = row.data["paid_by"] or paid_by
        results = {
            good[license_id].row_no: {"number": became.numbers[0], **good[license_id].data}
            for license_id, became in made.items()
            if became.numbers
        }
        mark_done(operation, list(results), outcome=Outcome.CREATED, results=results)

    def foresee(self, data: Mapping[str, Any]) -> str:
        return _told(data)

    def transaction_of(self, result: Mapping[str, Any]) -> int | None:
        return int(result["number"]) if "number" in result else None

    def say(self, result: Mapping[str, Any]) -> str:
        return f"{number_told(int(result['number']))}. {_told(result)}" if "number" in result else ""


class _Judge(Judge):
    """Judges licenses that are chosen by what the registry lists, and by what is open."""

    def __init__(self, operation: Operation, permission: Permission) -> None:
        self._setup = license_setup_of(operation.organization_id, today=timezone.localdate())
        self._may = terms_of(operation, permission).may
        self._seen: set[int] = set()

    def judge(self, rows: Sequence[Row]) -> None:
        ids = [row.target_id for row in rows if row.target_id is not None]
        _judge(rows, renewals_of(self._setup, ids), self._setup, may=self._may)


def _judge(rows: Sequence[Row], renewals: Mapping[int, Renewal], setup: Setup, *, may: bool) -> None:
    ids = [row.target_id for row in rows if row.target_id is not None]
    mine = License.objects.filter(
        organization_id=setup.organization_id, pk__in=ids, gone_at=None, producer__removed_at=None
    )
    there = dict(mine.values_list("pk", "expires_on"))
    for row in rows:
        renewal = renewals.get(row.target_id or 0)
        if not may:
            row.find(NOT_PERMITTED)
        elif row.target_id not in there:
            row.find(GONE)
        elif renewal is None:
            _find_why(row, there[row.target_id], setup)
        elif renewal.open is not None:
            row.find(RENEWAL_OPEN, transaction=number_told(renewal.open))
        else:
            _foresee(row, renewal, setup)


def _find_why(row: Row, expires_on: date | None, setup: Setup) -> None:
    """Say why a license that is listed cannot be renewed."""
    if expires_on is None:
        row.find(ENDLESS)
    else:
        row.find(LAPSED if expires_on < setup.today else NOT_IN_FORCE, expires=_day_told(expires_on))


def _foresee(row: Row, renewal: Renewal, setup: Setup) -> None:
    if renewal.window.opens_on is None:
        row.find(WINDOW_UNKNOWN, value=renewal.row.state, state=renewal.row.state)
    elif renewal.window.opens_on > setup.today:
        state, opens = renewal.row.state, _day_told(renewal.window.opens_on)
        row.find(NOT_YET, value=state, state=state, opens=opens)
    if not renewal.row.paid_by:
        row.find(PAYER_UNKNOWN)
    estimate = renewal.row.estimate
    row.data = {
        "expires": str(renewal.row.renews_from),
        "known": estimate.known,
        "unknown": estimate.unknown,
        "paid_by": renewal.row.paid_by,
    }
    if renewal.window.opens_on and renewal.window.opens_on <= setup.today:
        row.data["opened"] = str(renewal.window.opens_on)


def _told(data: Mapping[str, Any]) -> str:
    if "known" not in data:
        return ""
    fee = dollars(int(data["known"])) if data["known"] or not data["unknown"] else ""
    if data["unknown"]:
        fee = f"{fee} and a part that is unknown" if fee else "unknown"
    payer = PAYER_LABELS.get(str(data["paid_by"]), "not set")
    expires = _day_told(date.fromisoformat(str(data["expires"])))
    if "opened" in data:
        expires += f", window open since {_day_told(date.fromisoformat(str(data['opened'])))}"
    return f"Expires {expires}. Estimated cost: {fee}. Paid by: {payer}."


def _day_told(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"


@dataclass(frozen=True, slots=True)
class Cost:
    """What renewals are likely to cost whom: `cents` is what is known, `unknown` of how many a part is not.

    `payer` is a `Payer`, or empty where nobody has said who pays.
    """

    payer: str
    licenses: int
    cents: int
    unknown: int


def cost_of(operation: Operation) -> list[Cost]:
    """What an operation is likely to cost, by payer; one query of the items that will be renewed."""
    known, unknown = (Cast(KT(f"data__{name}"), BigIntegerField()) for name in ("known", "unknown"))
    items = Item.objects.filter(operation=operation, state__in=GOOD, data__has_key="known")
    found = (
        items.order_by()
        .annotate(payer=KT("data__paid_by"), known=known, unknown=unknown)
        .values_list("payer")
        .annotate(n=Count("row_no"), cents=Sum("known"), missing=Count("row_no", filter=Q(unknown__gt=0)))
        .order_by("payer")
    )
    return [Cost(payer, licenses, cents, unknown) for payer, licenses, cents, unknown in found]
