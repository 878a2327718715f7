"""What a person asks of a table: columns in an order, conditions, an order of rows, groups.

A list view and a report are the same question, written in the same words: those of an address. What it can be
asked of is a subject (`muster.reports`), which knows the fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from muster.core.amounts import clean_money
from muster.core.days import read_counted_day
from muster.core.values import Cleaned, clean_date

VALUES_APART = ";"
LONGEST_VALUE = 200
MOST_CONDITIONS = 20
MOST_VALUES = 500


class FieldKind(StrEnum):
    """What the values of a field are, and so what can be asked of them."""

    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    NUMBER = "number"
    MONEY = "money"
    FLAG = "flag"


class Operator(StrEnum):
    """How a condition compares."""

    IS = "is"
    IS_NOT = "not"
    CONTAINS = "has"
    STARTS = "starts"
    ONE_OF = "in"
    BEFORE = "before"
    AFTER = "after"
    EMPTY = "empty"
    FILLED = "filled"


K = FieldKind

OPERATOR_LABELS: Mapping[Operator, str] = MappingProxyType(
    {
        Operator.IS: "equals",
        Operator.IS_NOT: "not equal to",
        Operator.CONTAINS: "contains",
        Operator.STARTS: "starts with",
        Operator.ONE_OF: "is one of",
        Operator.BEFORE: "before",
        Operator.AFTER: "after",
        Operator.EMPTY: "is empty",
        Operator.FILLED: "is not empty",
    }
)

_WHETHER = (Operator.EMPTY, Operator.FILLED)
_SAME = (Operator.IS, Operator.IS_NOT)
_ORDERED = (*_SAME, Operator.BEFORE, Operator.AFTER, *_WHETHER)

OPERATORS: Mapping[FieldKind, tuple[Operator, ...]] = MappingProxyType(
    {
        K.TEXT: (*_SAME, Operator.CONTAINS, Operator.STARTS, Operator.ONE_OF, *_WHETHER),
        K.CHOICE: (*_SAME, Operator.ONE_OF, *_WHETHER),
        K.CHOICES: (Operator.CONTAINS, Operator.ONE_OF, *_WHETHER),
        K.DATE: _ORDERED,
        K.NUMBER: _ORDERED,
        K.MONEY: _ORDERED,
        K.FLAG: (Operator.IS,),
    }
)
"""What can be asked of each kind of field."""

SIZES: Mapping[Operator, str] = MappingProxyType({Operator.BEFORE: "less than", Operator.AFTER: "more than"})
"""What comparing is called where it is not about days."""

WITHOUT_VALUE = frozenset({Operator.EMPTY, Operator.FILLED})

YES, NO = "yes", "no"


def operator_label(operator: Operator, kind: FieldKind) -> str:
    """What an operator is called for fields of a kind."""
    if kind in (K.NUMBER, K.MONEY) and operator in SIZES:
        return SIZES[operator]
    return OPERATOR_LABELS[operator]


class Condition(NamedTuple):
    """One condition: a field by name, how it compares, and with what; texts as a person typed them."""

    field: str
    operator: Operator
    values: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """As an address writes it: `state:in:CA;NV`."""
        values = () if self.operator in WITHOUT_VALUE else (VALUES_APART.join(self.values),)
        return ":".join((self.field, self.operator.value, *values))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a condition may say of a field: its kind, and its values by code where they are known."""

    kind: FieldKind
    label: str
    choices: Mapping[str, str] = field(default_factory=dict)


class Refused(ValueError):
    """A condition that means nothing here; the message says what to write instead."""


def read_condition(text: str, terms: Mapping[str, Terms]) -> Condition:
    """Read a condition as an address writes it, against what its field may be asked. Raises Refused."""
    name, _, rest = text.partition(":")
    told, _, values = rest.partition(":")
    if name not in terms:
        raise Refused(f"There is no field “{name[:40]}” here. Choose one of the list.")
    of = terms[name]
    operator = next((one for one in OPERATORS[of.kind] if one.value == told), None)
    if operator is None:
        takes = ", ".join(operator_label(one, of.kind) for one in OPERATORS[of.kind])
        raise Refused(f"{of.label} cannot be compared in this way. It takes: {takes}.")
    if operator in WITHOUT_VALUE:
        return Condition(name, operator)
    given = values.split(VALUES_APART) if operator is Operator.ONE_OF else [values]
    kept = tuple(dict.fromkeys(filter(None, (one.replace("\0", "").strip() for one in given))))
    if not kept:
        raise Refused(f"Say with what {of.label} is compared.")
    if len(kept) > MOST_VALUES or any(len(one) > LONGEST_VALUE for one in kept):
        raise Refused(f"{of.label} is compared with at most {MOST_VALUES} values of {LONGEST_VALUE} letters.")
    return Condition(name, operator, tuple(_read_value(one, of) for one in kept))


def _read_value(text: str, of: Terms) -> str:
    """A value as it is written in an address, whichever way a person wrote it."""
    if of.choices:
        found = _choice(text, of.choices)
        if found is None:
            some = ", ".join(list(of.choices.values())[:6])
            raise Refused(f"{of.label} is never “{text[:40]}”. It is one of: {some} …")
        return found
    if of.kind is K.FLAG:
        if text.casefold() not in (YES, NO):
            raise Refused(f"{of.label} is yes or no.")
        return text.casefold()
    if reader := READERS.get(of.kind):
        return reader(text, of)
    return text


def _choice(text: str, choices: Mapping[str, str]) -> str | None:
    folded = text.casefold()
    for code, label in choices.items():
        if folded in (code.casefold(), label.casefold()):
            return code
    return None


def _read_day(text: str, of: Terms) -> str:
    if counted := read_counted_day(text):
        return counted
    day: Cleaned[date] = clean_date(text)
    if day[0] is None:
        raise Refused(
            f"{of.label}: write a day as YYYY-MM-DD or MM/DD/YYYY, not “{text[:40]}”. "
            "“Today”, “60 days from now” and “30 days ago” are days too."
        )
    return day[0].isoformat()


def _read_number(text: str, of: Terms) -> str:
    digits = text.replace(",", "")
    if not (digits.isascii() and digits.removeprefix("-").isdigit() and len(digits) < 18):
        raise Refused(f"{of.label}: write a whole number, not “{text[:40]}”.")
    return str(int(digits))


def _read_money(text: str, of: Terms) -> str:
    cents, _ = clean_money(text)
    if cents is None:
        raise Refused(f"{of.label}: write dollars as 12.50, not “{text[:40]}”.")
    return f"{cents // 100}.{cents % 100:02d}"


READERS: Mapping[FieldKind, Callable[[str, Terms], str]] = MappingProxyType(
    {K.DATE: _read_day, K.NUMBER: _read_number, K.MONEY: _read_money}
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a table. Empty means: as the subject has it, all rows.

    `columns` are names of fields in their order; `sort` is a field, `-` before it turns it round; `group` is
    a field by whose values rows are counted; `mine` leaves out what is not the asker's own. `unread` are
    parameters that meant nothing, by name: kept, so that nobody asks for more than an address did.
    """

    columns: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    sort: str = ""
    group: str = ""
    mine: bool = False
    unread: tuple[tuple[str, str], ...] = ()

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.where or self.mine or self.unread)


EVERYTHING = Question()
"""Asks for all rows, as the subject has them."""


class Reading(NamedTuple):
    """A question that was read, and what of it meant nothing, each in a sentence."""

    question: Question
    refused: tuple[str, ...]


def read_question(
    asked: Mapping[str, Sequence[str]], terms: Mapping[str, Terms], *, sortable: Iterable[str] | None = None
) -> Reading:
    """Read a question from the parameters of an address: `columns`, `where`, `sort`, `group`, `mine`.

    What means nothing is left out, and said: with a condition left out, nothing must be done to what is
    found, and nothing is best shown. `sortable` are the fields by which rows can be ordered.
    """
    refused: list[str] = []
    where: list[Condition] = []
    unread: list[tuple[str, str]] = []
    for text in asked.get("where", ())[:MOST_CONDITIONS]:
        try:
            where.append(read_condition(text, terms))
        except Refused as reason:
            refused.append(str(reason))
            unread.append(("where", text))
    if len(asked.get("where", ())) > MOST_CONDITIONS:
        refused.append(f"Only the first {MOST_CONDITIONS} conditions count.")
        unread.append(("where", asked["where"][MOST_CONDITIONS]))
    columns = dict.fromkeys(name for told in asked.get("columns", ()) for name in told.split(","))
    can = set(terms if sortable is None else sortable)
    sort, group = (asked.get(name, ("",))[-1:] for name in ("sort", "group"))
    return Reading(
        Question(
            columns=tuple(name for name in columns if name in terms),
            where=tuple(dict.fromkeys(where)),
            sort=next((one for one in sort if one.removeprefix("-") in can), ""),
            group=next((one for one in group if one in terms), ""),
            mine=YES in asked.get("mine", ()),
            unread=tuple(dict.fromkeys(unread)),
        ),
        tuple(dict.fromkeys(refused)),
    )


def write_question(question: Question) -> dict[str, str | tuple[str, ...]]:
    """The parameters of the address that asks it; what is empty is left out."""
    told: dict[str, str | tuple[str, ...]] = {
        "columns": ",".join(question.columns),
        "where": tuple(one.told for one in question.where),
        "sort": question.sort,
        "group": question.group,
        "mine": YES if question.mine else "",
    }
    for name, text in question.unread:
        kept = told.get(name, ())
        told[name] = (*kept, text) if isinstance(kept, tuple) else (text,)
    return {name: value for name, value in told.items() if value}


def say_condition(condition: Condition, of: Terms) -> str:
    """A condition in words: "State is one of California, Nevada"."""
    label = operator_label(condition.operator, of.kind)
    values = [of.choices.get(one, one) for one in condition.values]
    if of.kind is K.MONEY:
        values = [f"${one}" for one in values]
    return " ".join(filter(None, (of.label, label, ", ".join(values))))
