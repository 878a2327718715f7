"""Fields of a subject: where their values stand, how they compare, and how they read as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Case, DateField, F, Func, Q, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Left, NullIf
from django.utils.timezone import get_current_timezone_name, localdate, make_aware

from muster.core.days import day_after, day_told
from muster.core.table import YES, Condition, FieldKind, Operator, Terms

K = FieldKind

NOTHING = Value("")


@dataclass(frozen=True, slots=True)
class Field:
    """One field. Its value stands at `path`, or is what `made` computes.

    `choices` are its values by code, told by label unless it `tells_code`; `section` is the heading under
    which it is offered, and tells apart fields of one label. `is_time`: it is a moment, compared by its day
    in the site's zone. One that `opens_producer` is the NPN of a producer on file. `blank` is what stands
    where there is no value.
    """

    name: str
    label: str
    kind: FieldKind = K.TEXT
    path: str = ""
    made: Combinable | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    section: str = ""
    is_time: bool = False
    tells_code: bool = False
    opens_producer: bool = False
    blank: Combinable = NOTHING

    @property
    def terms(self) -> Terms:
        """What a condition may say of it."""
        return Terms(self.kind, self.label, self.choices)

    @property
    def alias(self) -> str:
        """What its value is called in a query."""
        return f"of_{self.name}" if self.made is not None else self.path

    @property
    def aliases(self) -> dict[str, Combinable]:
        """What a query must know before it compares or orders by it."""
        return {self.alias: self.made} if self.made is not None else {}

    @property
    def value(self) -> Combinable:
        """Its value as an expression."""
        return self.made if self.made is not None else F(self.path)

    @property
    def text(self) -> Combinable:
        """Its value as text, as people and spreadsheets read it; `blank` where there is none."""
        told = _told(self) if self.blank == NOTHING else NullIf(_told(self), NOTHING)
        return Coalesce(told, self.blank, output_field=TextField())

    @property
    def grouped(self) -> Combinable:
        """The same, as rows are counted by it: nothing where there is no value."""
        return Coalesce(_told(self), NOTHING, output_field=TextField())


def _told(of: Field) -> Combinable:
    match of.kind:
        case K.CHOICE if of.choices and not of.tells_code:
            whens = [When(**{of.alias: code}, then=Value(label)) for code, label in of.choices.items()]
            return Case(*whens, default=Cast(of.value, TextField()), output_field=TextField())
        case K.CHOICES if of.choices and not of.tells_code:
            return _labels_of(of)
        case K.CHOICES:
            return _text(of.value, "array_to_string({}, ';')")
        case K.DATE if of.is_time:
            zone = get_current_timezone_name().replace("'", "").replace("%", "")
            return _text(of.value, f"to_char(timezone('{zone}', {{}}), 'YYYY-MM-DD HH24:MI')")
        case K.DATE:
            return _text(of.value, "to_char({}, 'YYYY-MM-DD')")
        case K.MONEY:
            return _text(of.value, "to_char({} / 100.0, 'FM9999999990.00')")
        case K.FLAG:
            return _text(of.value, "CASE WHEN {} THEN 'Yes' ELSE 'No' END")
    return Cast(of.value, TextField())


def value_of_group(of: Field) -> Combinable:
    """What rows are counted by: the value as text, a moment by its day; a choice by its code.

    Two codes may be told by one label: they are two groups all the same.
    """
    if of.kind is K.CHOICE:
        return Coalesce(Cast(of.value, TextField()), Value(""), output_field=TextField())
    return Left(of.grouped, len("2026-01-31")) if of.is_time else of.grouped


def _text(value: Combinable, template: str) -> Func:
    return Func(value, template=template.format("%(expressions)s"), output_field=TextField())


def _labels_of(of: Field) -> Func:
    """The labels of a field of several codes; a code without one stands as it is. The labels are ours."""
    labels = json.dumps(dict(of.choices)).replace("'", "''").replace("%", "%%")
    each = f"SELECT string_agg(coalesce('{labels}'::jsonb ->> one, one), ';')"
    return Func(of.value, template=f"({each} FROM unnest(%(expressions)s) AS one)", output_field=TextField())


def today() -> Func:
    """The day of the site's zone, as the database tells it when it is asked."""
    zone = get_current_timezone_name().replace("'", "").replace("%", "")
    return Func(template=f"timezone('{zone}', now())::date", output_field=DateField())


def condition(of: Field, asked: Condition) -> Q:
    """A condition on the field as a query has it; the query must know its `aliases`."""
    at = of.alias
    blank = Q(**{f"{at}__isnull": True})
    if of.kind in (K.TEXT, K.CHOICE):
        blank |= Q(**{at: ""})
    if of.kind is K.CHOICES:
        blank |= Q(**{at: []})
    match asked.operator:
        case Operator.EMPTY:
            return blank
        case Operator.FILLED:
            return ~blank
        case Operator.IS:
            return _is(of, asked.values[0])
        case Operator.IS_NOT:
            # What has no value is not that value either.
            return ~_is(of, asked.values[0]) | Q(**{f"{at}__isnull": True})
        case Operator.CONTAINS if of.kind is K.CHOICES:
            return Q(**{f"{at}__contains": [asked.values[0]]})
        case Operator.CONTAINS:
            return Q(**{f"{at}__icontains": asked.values[0]})
        case Operator.STARTS:
            return Q(**{f"{at}__istartswith": asked.values[0]})
        case Operator.ONE_OF if of.kind is K.CHOICES:
            return Q(**{f"{at}__overlap": list(asked.values)})
        case Operator.ONE_OF if of.kind is K.CHOICE:
            return Q(**{f"{at}__in": list(asked.values)})
        case Operator.ONE_OF:
            found = Q(pk__in=[])
            for value in asked.values:
                found |= _is(of, value)
            return found
        case Operator.BEFORE:
            return Q(**{f"{at}__lt": _compared(of, asked.values[0])})
        case Operator.AFTER:
            if of.is_time:
                return Q(**{f"{at}__gte": _compared(of, asked.values[0], days=1)})
            return Q(**{f"{at}__gt": _compared(of, asked.values[0])})
    raise AssertionError(asked)


def _is(of: Field, value: str) -> Q:
    at = of.alias
    match of.kind:
        case K.FLAG:
            true = Q(**{at: True})
            return true if value == YES else Q(**{at: False}) | Q(**{f"{at}__isnull": True})
        case K.TEXT if value.lower() != value.upper():
            return Q(**{f"{at}__iexact": value})
        # A number or a code without letters is the same in every case: the indexes of its column serve.
        case K.DATE if of.is_time:
            first, after = _compared(of, value), _compared(of, value, days=1)
            return Q(**{f"{at}__gte": first, f"{at}__lt": after})
    return Q(**{at: _compared(of, value)})


def _compared(of: Field, value: str, *, days: int = 0) -> Any:
    """What a value is compared as."""
    match of.kind:
        case K.DATE:
            day = day_after(day_told(value, today=localdate()), timedelta(days=days))
            return make_aware(datetime.combine(day, time.min)) if of.is_time else day
        case K.NUMBER:
            return int(value)
        case K.MONEY:
            whole, _, part = value.partition(".")
            return int(whole) * 100 + int(part or 0)
    return value
