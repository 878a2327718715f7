"""A report in the address bar: what is asked, what was edited in the builder, and the query that says so.

An address that somebody typed gives a report, never an error: what means nothing is said, and nothing is run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from django.http import QueryDict

from muster.console.lists.address import written
from muster.core.table import (
    MOST_CONDITIONS,
    OPERATORS,
    YES,
    Condition,
    Operator,
    Question,
    Refused,
    read_condition,
    write_question,
)
from muster.reports.shipped import Shipped
from muster.reports.subject import Subject

ROWS_A_PAGE = 100
MOST_ROWS = 2_000
LAST_PAGE = MOST_ROWS // ROWS_A_PAGE
MOST_DIGITS = 18
LONGEST_SLUG = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks: columns by name, conditions as they were written, the rest as in a question.

    `saved` and `shipped` say which report was opened; `page` is the page of its rows.
    """

    columns: tuple[str, ...]
    where: tuple[str, ...] = ()
    sort: str = ""
    group: str = ""
    mine: bool = False
    saved: str = ""
    shipped: str = ""
    page: int = 1

    @property
    def query(self) -> str:
        """The query of the address, with its question mark."""
        return written(
            {
                "columns": ",".join(self.columns),
                "where": self.where,
                "sort": self.sort,
                "group": self.group,
                "mine": YES if self.mine else "",
                "saved": self.saved,
                "shipped": self.shipped,
                "page": str(self.page) if self.page > 1 else "",
            }
        )

    @property
    def parameters(self) -> dict[str, Sequence[str]]:
        """The question alone, as the parameters that a subject reads."""
        return {
            "columns": [",".join(self.columns)],
            "where": self.where,
            "sort": [self.sort],
            "group": [self.group],
            "mine": [YES] if self.mine else [],
        }


def asked_in(query: QueryDict, subject: Subject) -> Asked:
    """What an address asks of a subject; without columns, those that it shows where nobody chose others."""
    question, _ = subject.read(dict(query.lists()))
    page = query.get("page", "")
    return Asked(
        columns=question.columns or subject.columns,
        where=tuple(dict.fromkeys(query.getlist("where")))[: MOST_CONDITIONS + 1],
        sort=question.sort,
        group=question.group,
        mine=question.mine and subject.mine is not None,
        saved=_number(query.get("saved", "")),
        shipped=query.get("shipped", "")[:LONGEST_SLUG],
        page=min(max(1, int(page)), LAST_PAGE) if _number(page) else 1,
    )


def asked_by(question: Question, subject: Subject, *, saved: str = "") -> Asked:
    """The address of a question."""
    told = write_question(question)
    where = told.get("where", ())
    return Asked(
        columns=question.columns or subject.columns,
        where=where if isinstance(where, tuple) else (where,),
        sort=question.sort,
        group=question.group,
        mine=question.mine,
        saved=saved,
    )


def asked_by_shipped(one: Shipped) -> Asked:
    """The address of a shipped report."""
    return Asked(one.columns, one.where, one.sort, one.group, shipped=one.slug)


def _number(text: str) -> str:
    return text if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else ""


# --- What was edited in the builder ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edit:
    """The address after an edit, what is said of it, and the id of what has the focus then."""

    asked: Asked
    said: str = ""
    focus: str = ""


Press: TypeAlias = Callable[[Asked, Subject, str], Edit]
"""What pressing a button with a value makes of an address."""


def edit_in(query: QueryDict, subject: Subject) -> Edit:
    """Read the form of the builder: how it stands, and which of its buttons was pressed."""
    known = subject.by_name
    sort = query.get("by", "")
    asked = Asked(
        columns=tuple(dict.fromkeys(name for name in query.getlist("column") if name in known))
        or subject.columns,
        where=_where(query, subject),
        sort=("-" if query.get("turned") == YES else "") + sort if sort in known else "",
        group=query.get("group", "") if query.get("group") in known else "",
        mine=query.get("mine") == YES and subject.mine is not None,
        saved=_number(query.get("saved", "")),
        shipped=query.get("shipped", "")[:LONGEST_SLUG],
    )
    for button, press in BUTTONS.items():
        if pressed := query.get(button):
            return press(asked, subject, pressed)
    return Edit(asked)


def _where(query: QueryDict, subject: Subject) -> tuple[str, ...]:
    rows = zip(query.getlist("field"), query.getlist("operator"), query.getlist("value"), strict=False)
    told = (
        ":".join((field, operator or _first_operator(field, subject), value.replace("\0", "").strip()))
        for field, operator, value in rows
    )
    return tuple(dict.fromkeys(told))[: MOST_CONDITIONS + 1]


def _first_operator(field: str, subject: Subject) -> str:
    of = subject.by_name.get(field)
    return OPERATORS[of.kind][0].value if of else ""


def _add(asked: Asked, subject: Subject, name: str) -> Edit:
    if name not in subject.by_name or name in asked.columns:
        return Edit(asked)
    columns = (*asked.columns, name)
    said = f"{subject.by_name[name].label} is column {len(columns)}, the last."
    return Edit(replace(asked, columns=columns), said, "find-column")


def _remove(asked: Asked, subject: Subject, name: str) -> Edit:
    left = tuple(one for one in asked.columns if one != name)
    if not left:
        return Edit(asked, "A report has at least one column. Add another before you remove this one.")
    if len(left) == len(asked.columns):
        return Edit(asked)
    place = min(asked.columns.index(name), len(left) - 1)
    said = f"{subject.by_name[name].label} is no column any more."
    return Edit(replace(asked, columns=left), said, f"remove-{left[place]}")


def _moved(by: int) -> Press:
    def move(asked: Asked, subject: Subject, name: str) -> Edit:
        if name not in asked.columns:
            return Edit(asked)
        columns = list(asked.columns)
        place = columns.index(name)
        to = min(max(0, place + by), len(columns) - 1)
        columns.insert(to, columns.pop(place))
        said = f"{subject.by_name[name].label} is column {to + 1} of {len(columns)}."
        return Edit(replace(asked, columns=tuple(columns)), said, f"{'up' if by < 0 else 'down'}-{name}")

    return move


def _filter(asked: Asked, subject: Subject, name: str) -> Edit:
    if name not in subject.by_name:
        return Edit(asked)
    if len(asked.where) >= MOST_CONDITIONS:
        return Edit(asked, f"A report has at most {MOST_CONDITIONS} filters. “Is one of” takes many values.")
    where = (*asked.where, f"{name}:{_first_operator(name, subject)}:")
    said = f"Say with what {subject.by_name[name].label} is compared."
    return Edit(replace(asked, where=where), said, f"value-{len(where) - 1}")


def _unfilter(asked: Asked, subject: Subject, place: str) -> Edit:
    where = tuple(text for index, text in enumerate(asked.where) if str(index) != place)
    return Edit(replace(asked, where=where), "The filter is off.", "add-filter")


BUTTONS: dict[str, Press] = {
    "add": _add,
    "remove": _remove,
    "up": _moved(-1),
    "down": _moved(1),
    "filter": _filter,
    "unfilter": _unfilter,
}


# --- Conditions as they stand ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """A condition as it stands in the address: its parts, what it means, or why it means nothing."""

    field: str
    operator: str
    value: str
    condition: Condition | None
    problem: str = ""


def written_out(text: str, subject: Subject) -> Written:
    """Take a condition apart, whether it means anything or not."""
    name, _, rest = text.partition(":")
    operator, _, value = rest.partition(":")
    try:
        condition = read_condition(text, subject.terms)
    except Refused as reason:
        return Written(name, operator, value, None, str(reason))
    joined = "; " if condition.operator is Operator.ONE_OF else ""
    return Written(name, condition.operator.value, joined.join(condition.values), condition)
