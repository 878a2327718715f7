"""Paging through ordered rows by key, never by offset: a page costs the same however deep it lies.

There are two ways to a page. Few rows are gathered and sorted. Where there are many, the order's own index
is walked, and matching rows turn up soon; should they not, because what is asked for stands at the other end,
the walk is given up and the rows are gathered after all, unless most rows match. Which way is right is found
by counting up to a ceiling, and not left to the planner, which takes filters and orders to be independent.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet, FieldDoesNotExist, ValidationError
from django.db import connections, models
from django.db.models import BooleanField, F, Func, QuerySet, TextField, Value

CEILING = 10_000
"""Matching rows are counted up to here."""

STRETCH = 20_000
"""How many rows of an index are walked before the rest is gathered: as long as gathering `CEILING` takes."""

Keys = tuple[Any, ...]

Narrow = Callable[[Any], Any]
"""What narrows rows further: it gives those of the rows that somebody else asks for."""


def all_of(rows: Any) -> Any:
    """Narrows nothing."""
    return rows


@dataclass(frozen=True, slots=True)
class Order:
    """A total order, in one direction: fields or annotations, none of them ever null, the last one unique."""

    keys: tuple[str, ...]
    descending: bool = False

    @property
    def reversed(self) -> Order:
        return replace(self, descending=not self.descending)

    @property
    def by(self) -> list[str]:
        return [f"-{key}" if self.descending else key for key in self.keys]

    @property
    def beyond(self) -> str:
        """The comparison of a row with one that stands before it."""
        return "<" if self.descending else ">"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: the last key of each row, how many rows match, and the places to go on from.

    `total` is None where more than `CEILING` match. A place that is None is a step that cannot be taken.
    """

    keys: list[Any]
    total: int | None
    previous: str | None
    next: str | None


def write_place(keys: Sequence[Any]) -> str:
    """A row's keys as text for a URL."""
    told = json.dumps([key.isoformat() if isinstance(key, date) else key for key in keys])
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read_place(text: str, *, rows: QuerySet[Any], order: Order) -> Keys | None:
    """The keys that `write_place` wrote; None for text that it has not written."""
    try:
        told = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        fields = [_field(rows, key) for key in order.keys]
        if not isinstance(told, list) or any(not isinstance(one, str | int) for one in told):
            return None
        if any(isinstance(one, str) and (one.encode().count(b"\0")) for one in told):
            return None
        return tuple(field.to_python(one) for field, one in zip(fields, told, strict=True))
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error, ValidationError):
        return None


def page_of(
    rows: QuerySet[Any],
    *,
    among: QuerySet[Any],
    order: Order,
    size: int,
    after: str = "",
    before: str = "",
) -> Page:
    """One page of the rows that match.

    `rows` are those of `among` that match; both know the order's keys. `after` or `before` is a place that an
    earlier page gave; one that is unreadable, or beyond which nothing is left, gives the first page.
    At most six statements, whatever the number of rows.
    """
    backward = bool(before) and not after
    place = read_place(after or before, rows=rows, order=order)
    if place is None:
        return _first(rows, among, order, size)
    going = order.reversed if backward else order
    total, found = _find(rows, among, going, size + 1, place)
    more = len(found) > size
    # A first page is never a rest.
    if not found or (backward and not more):
        return _first(rows, among, order, size)
    found = found[:size]
    if backward:
        found.reverse()
    return Page(
        keys=[keys[-1] for keys in found],
        total=total,
        previous=write_place(found[0]) if more or not backward else None,
        next=write_place(found[-1]) if more or backward else None,
    )


def _first(rows: QuerySet[Any], among: QuerySet[Any], order: Order, size: int) -> Page:
    total, found = _find(rows, among, order, size + 1, None)
    more = len(found) > size
    found = found[:size]
    return Page([keys[-1] for keys in found], total, None, write_place(found[-1]) if more else None)


def _find(
    rows: QuerySet[Any], among: QuerySet[Any], order: Order, limit: int, place: Keys | None
) -> tuple[int | None, list[Keys]]:
    """How many rows match, and the first of them beyond the place."""
    total, found = _gather(rows, order, limit, place, at_most=CEILING + 1)
    if total <= CEILING:
        return total, found
    end = beyond(among, order, place).order_by(*order.by).values_list(*order.keys)[STRETCH : STRETCH + 1]
    within = beyond(rows, order, place)
    if stop := next(iter(end), None):
        within = within.filter(_compared(order, order.reversed.beyond + "=", stop))
    found = list(within.order_by(*order.by).values_list(*order.keys)[:limit])
    if len(found) < limit and stop:
        if 2 * _estimated(rows) > _estimated(among):
            # Fewer do not match than would be gathered: the walk cannot become the longer way.
            return None, list(beyond(rows, order, place).order_by(*order.by).values_list(*order.keys)[:limit])
        _, found = _gather(rows, order, limit, place)
    return None, found


def _estimated(rows: QuerySet[Any]) -> int:
    """About how many rows there are, as the planner reckons; it reads none of them."""
    [told] = json.loads(rows.order_by().explain(format="json"))
    return int(told["Plan"]["Plan Rows"])


def beyond(rows: QuerySet[Any], order: Order, place: Keys | None) -> QuerySet[Any]:
    """Those of the rows that stand beyond the place; all of them where there is none."""
    return rows if place is None else rows.filter(_compared(order, order.beyond, place))


def _compared(order: Order, comparison: str, place: Keys) -> Func:
    """`ROW(keys) > ROW(place)`: the form for which PostgreSQL enters an index at the right place."""
    mine = Func(*map(F, order.keys), function="ROW", output_field=TextField())
    its = Func(*map(Value, place), function="ROW", output_field=TextField())
    return Func(
        mine, its, template="%(expressions)s", arg_joiner=f" {comparison} ", output_field=BooleanField()
    )


GATHER = """
WITH matching ({columns}) AS MATERIALIZED ({rows}),
     gathered AS MATERIALIZED (SELECT * FROM matching {at_most})
SELECT counted, page.*
FROM (SELECT count(*) AS counted FROM gathered) AS number
LEFT JOIN LATERAL (SELECT * FROM gathered {beyond} ORDER BY {by} LIMIT {limit}) AS page ON true
ORDER BY {by}
"""
GATHER_ALL = """
SELECT 0, page.*
FROM (SELECT * FROM ({rows} OFFSET 0) AS matching ({columns}) {beyond}) AS page
ORDER BY {by} LIMIT {limit}
"""


def _gather(
    rows: QuerySet[Any], order: Order, limit: int, place: Keys | None, *, at_most: int | None = None
) -> tuple[int, list[Keys]]:
    """Find matching rows by what they match, without regard to their order; then sort, and take a page.

    Behind WITH or OFFSET the planner reckons with all matching rows and not with the few that a LIMIT asks
    for: it looks for the way that finds them best. They are still read only up to `at_most`, and counted.
    """
    columns = [f"k{number}" for number in range(len(order.keys))]
    connection = connections[rows.db]
    try:
        matching, parameters = rows.order_by().values_list(*order.keys).query.sql_with_params()
    except EmptyResultSet:
        return 0, []
    names = ", ".join(columns)
    statement = (GATHER_ALL if at_most is None else GATHER).format(
        columns=names,
        rows=matching,
        at_most=f"LIMIT {at_most}",
        beyond="" if place is None else f"WHERE ({names}) {order.beyond} ({', '.join(['%s'] * len(place))})",
        by=", ".join(f"{column} DESC" if order.descending else column for column in columns),
        limit=limit,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, *(place or ())])
        told = cursor.fetchall()
    return (told[0][0] if told else 0), [tuple(keys) for _, *keys in told if keys[-1] is not None]


def _field(rows: QuerySet[Any], name: str) -> models.Field[Any, Any]:
    if name in rows.query.annotations:
        return rows.query.annotations[name].output_field
    try:
        field = rows.model._meta.get_field(name)
    except FieldDoesNotExist:
        raise LookupError(f"{name} is neither a field nor an annotation of these rows") from None
    return getattr(field, "output_field", field)
