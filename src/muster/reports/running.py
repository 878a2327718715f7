"""Asking a subject: the rows of a question as texts, how many they are, and counted by groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, F, QuerySet
from django.db.utils import OperationalError
from psycopg.errors import QueryCanceled

from muster.access.models import Membership
from muster.core.table import LONGEST_VALUE, Condition, FieldKind, Operator, Question
from muster.reports.fields import Field, value_of_group
from muster.reports.subject import Subject

MOST_GROUPS = 500


class TooLong(Exception):
    """The question takes longer than somebody waits; the message says what to do."""


class Group(NamedTuple):
    """Rows that have a value in common, and the condition that asks for them; None where none does."""

    label: str
    rows: int
    condition: Condition | None


def rows_of(subject: Subject, question: Question, member: Membership) -> QuerySet[Any]:
    """The rows that the question asks for, of those that the member may read, in its order."""
    rows = subject.asked_for(subject.rows(member), question, member)
    return ordered(rows, subject, question.sort)


def ordered(rows: QuerySet[Any], subject: Subject, sort: str) -> QuerySet[Any]:
    """The rows by a field, what has no value last; the same every time."""
    of = subject.by_name.get(sort.removeprefix("-"))
    if of is None:
        return rows.order_by("pk")
    rows = rows.alias(**{f"by_{of.name}": of.value})
    by = F(f"by_{of.name}")
    turned = by.desc(nulls_last=True) if sort.startswith("-") else by.asc(nulls_last=True)
    return rows.order_by(turned, "pk")


def texts_of(rows: QuerySet[Any], fields: Sequence[Field], *more: str) -> QuerySet[Any]:
    """The fields of each row as texts, in their order, and `more` of it as it stands."""
    texts = {f"text_{place}": of.text for place, of in enumerate(fields)}
    for of in fields:
        rows = rows.alias(**of.aliases)
    return rows.annotate(**texts).values_list(*texts, *more)


def groups_of(rows: QuerySet[Any], of: Field, *, most: int = MOST_GROUPS) -> list[Group]:
    """How many rows have each value of a field, the most frequent first; at most `most` groups."""
    counted = (
        rows.order_by()
        .alias(**of.aliases)
        .annotate(group=value_of_group(of))
        .values_list("group")
        .annotate(n=Count("pk"))
        .order_by("-n", "group")
    )
    return [Group(_label(of, value), n, _condition_of(of, value)) for value, n in counted[:most]]


def _label(of: Field, value: str) -> str:
    is_told = of.kind is FieldKind.CHOICE and not of.tells_code
    return of.choices.get(value, value) if is_told else value


def _condition_of(of: Field, value: str) -> Condition | None:
    if not value:
        return Condition(of.name, Operator.EMPTY)
    # What no condition can say is counted, and leads nowhere.
    if of.kind is FieldKind.CHOICES or len(value) > LONGEST_VALUE or value != value.strip():
        return None
    return Condition(of.name, Operator.IS, (value.lower() if of.kind is FieldKind.FLAG else value,))


def counted(rows: QuerySet[Any], *, seconds: float) -> int:
    """How many rows there are. Raises TooLong."""
    return within(seconds, lambda: rows.order_by().count())


def within(seconds: float, ask: Any) -> Any:
    """What `ask` finds in the database, if it takes no longer. Raises TooLong."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{int(seconds * 1000)}"])
            found = ask()
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
            return found
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        raise TooLong(
            f"This takes longer than {seconds:g} seconds. Add a filter, or export it and look at the file."
        ) from error


def first_texts(
    rows: QuerySet[Any], fields: Sequence[Field], *, most: int, skip: int = 0
) -> list[tuple[Any, ...]]:
    """Some of the rows as texts, each with its key behind them."""
    return list(texts_of(rows, fields, "pk")[skip : skip + most])


def iterate(
    rows: QuerySet[Any], fields: Sequence[Field], *more: str, at_a_time: int = 5_000
) -> Iterator[tuple[Any, ...]]:
    """All rows as texts, and `more` of each, read a slice at a time: constant memory at any number."""
    yield from texts_of(rows, fields, *more).iterator(chunk_size=at_a_time)
