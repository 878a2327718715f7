"""The ledger of what licenses cost, by payer, month, state or producer; what is unknown is counted apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, TruncMonth

from muster.access.models import Membership
from muster.core.transactions import LICENSE_KINDS, OPEN, Status
from muster.transactions.queries import visible_transactions

MOST_ROWS = 500
"""So many rows stand on a page; the report has every transaction."""


class By(StrEnum):
    """What the ledger is added up by."""

    PAYER = "payer"
    MONTH = "month"
    STATE = "state"
    PRODUCER = "producer"


@dataclass(frozen=True, slots=True)
class LedgerSelection:
    """What is asked of the ledger; `month` is its first day, written YYYY-MM, `payer` a `Payer` or "none"."""

    by: By = By.PAYER
    payer: str = ""
    state: str = ""
    month: str = ""

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.payer or self.state or self.month)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Amounts in cents of what is known, and of how many transactions a part is not known.

    `charged` is what accepted ones have cost, `likely` the estimate of that part of them of which nobody has
    told what was charged; `expected` is the estimate of what is open.
    """

    accepted: int = 0
    charged: int = 0
    charged_unknown: int = 0
    likely: int = 0
    open: int = 0
    expected: int = 0
    expected_unknown: int = 0


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row: the value that it is added up for, a producer's NPN and name or a month among them."""

    key: Any
    name: str
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows, cut off at MOST_ROWS if `is_cut`, and the sum of all."""

    rows: list[LedgerRow]
    total: Amounts
    is_cut: bool


FIELDS: Mapping[By, tuple[str, ...]] = MappingProxyType(
    {
        By.PAYER: ("paid_by",),
        By.MONTH: ("of_month",),
        By.STATE: ("jurisdiction",),
        By.PRODUCER: ("producer__npn", "producer__first_name", "producer__last_name"),
    }
)

NOBODY = "none"
ACCEPTED = Q(status=Status.ACCEPTED)
IS_OPEN = Q(status__in=OPEN)


def ledger(member: Membership, selection: LedgerSelection) -> Ledger:
    """Add up what applications and renewals cost that were accepted, or are open; two queries."""
    rows = _asked(member, selection)
    found = [*_rows_of(_grouped(rows, selection)[: MOST_ROWS + 1], selection)]
    return Ledger(found[:MOST_ROWS], _amounts(rows.aggregate(**_sums())), len(found) > MOST_ROWS)


def ledger_rows(member: Membership, selection: LedgerSelection) -> Iterator[LedgerRow]:
    """All rows of the ledger, however many, at constant memory."""
    grouped = _grouped(_asked(member, selection), selection)
    yield from _rows_of(grouped.iterator(chunk_size=2_000), selection)


def _grouped(rows: QuerySet[Any], selection: LedgerSelection) -> QuerySet[Any]:
    fields = FIELDS[selection.by]
    order = [F(fields[0]).desc()] if selection.by is By.MONTH else [*fields]
    return rows.order_by().values(*fields).annotate(**_sums()).order_by(*order)


def _rows_of(grouped: Iterable[Mapping[str, Any]], selection: LedgerSelection) -> Iterator[LedgerRow]:
    first, *rest = FIELDS[selection.by]
    for one in grouped:
        yield LedgerRow(one[first], " ".join(filter(None, (one[name] for name in rest))), _amounts(one))


def _asked(member: Membership, selection: LedgerSelection) -> QuerySet[Any]:
    rows = visible_transactions(member).filter(ACCEPTED | IS_OPEN, kind__in=LICENSE_KINDS)
    rows = rows.annotate(of_month=TruncMonth(Coalesce("decided_at", "created_at")))
    if selection.payer:
        rows = rows.filter(paid_by="" if selection.payer == NOBODY else selection.payer)
    if selection.state:
        rows = rows.filter(jurisdiction=selection.state)
    if selection.month:
        year, month = selection.month.split("-")
        rows = rows.filter(of_month__year=int(year), of_month__month=int(month))
    return rows


def _sums() -> dict[str, Any]:
    charged = Coalesce("state_fee_charged", 0) + Coalesce("registry_fee_charged", 0)
    expected = Coalesce("state_fee", 0) + Coalesce("registry_fee", 0)
    untold = sum(
        (
            Case(When(**{f"{fee}_charged": None}, then=Coalesce(fee, 0)), default=0)
            for fee in ("state_fee", "registry_fee")
        ),
        start=Value(0),
    )
    return {
        "accepted": Count("pk", filter=ACCEPTED),
        "charged": Sum(charged, filter=ACCEPTED, default=0),
        "charged_unknown": Count(
            "pk",
            filter=ACCEPTED & (Q(state_fee_charged=None) | Q(registry_fee_charged=None)),
        ),
        "likely": Sum(untold, filter=ACCEPTED, default=0),
        "open": Count("pk", filter=IS_OPEN),
        "expected": Sum(expected, filter=IS_OPEN, default=0),
        "expected_unknown": Count("pk", filter=IS_OPEN & (Q(state_fee=None) | Q(registry_fee=None))),
    }


def _amounts(told: Mapping[str, Any]) -> Amounts:
    return Amounts(**{name: told[name] or 0 for name in Amounts.__slots__})
