"""The form of an organization's own value: the right control for each kind of value."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from muster.carriers.keeping import CannotKeep
from muster.carriers.state_rules import LONGEST_REASON
from muster.console.rules.words import BASES, CHOICES, DAYS_OF_YEAR, EVENTS, case_words
from muster.core.amounts import clean_money, dollars
from muster.core.rules.book import Rulebook
from muster.core.rules.cases import beside, cases
from muster.core.rules.keys import LONGEST, TOPICS, Kind, Value
from muster.core.rules.reasons import termination_reasons
from muster.core.rules.rule import Rule, Term
from muster.core.rules.terms import FIRST_BUSINESS
from muster.core.values import plain

BOX = {"class": "form-check-input"}
LONGEST_TEXT = 500
MANY_LINES = 100


class MoneyField(forms.CharField):
    """An amount in dollars, cleaned into cents."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        cents, _ = clean_money(text)
        if text and cents is None:
            raise ValidationError("This is not an amount of dollars. Write it as 5.60 or 1,000.")
        return cents


class LinesField(forms.CharField):
    """A list, an item a line."""

    widget = forms.Textarea(attrs={"rows": 5})

    def clean(self, value: Any) -> Any:
        items = dict.fromkeys(filter(None, (plain(line)[0] for line in super().clean(value).splitlines())))
        if not items:
            raise ValidationError(self.error_messages["required"])
        if len(items) > MANY_LINES:
            raise ValidationError(f"Leave at most {MANY_LINES} lines.")
        return tuple(items)


class OwnValueForm(forms.Form):
    """A value, for whom it is, from when on, and why."""

    case = forms.ChoiceField(label="For whom", help_text="For everybody takes the place of all cases.")
    starts_on = forms.DateField(
        label="From",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The first day for which it holds.",
    )
    reason = forms.CharField(
        label="Reason",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Who says so, or why you decide so. It is shown as the source wherever the value is.",
    )

    field_order = ("value", "counts_from", "basis", "case", "starts_on", "reason")

    def __init__(
        self,
        data: Any = None,
        *,
        book: Rulebook,
        state: str,
        topic: str,
        key: str,
        case: str = "",
        today: date,
    ) -> None:
        super().__init__(data)
        self.cases = cases(book, state, topic, key)
        held = _held(book.holding(state, topic, key, today), self.cases, case)
        self.fields["value"] = _value_field(topic, key)
        self.fields["value"].initial = _told(topic, key, held.value if held else None)
        self.fields["starts_on"].initial = today
        if len(self.cases) > 1:
            choices = [(str(place), case_words(one) or "Everybody") for place, one in enumerate(self.cases)]
            self.fields["case"].choices = choices  # type: ignore[attr-defined]
            self.fields["case"].initial = case
        else:
            del self.fields["case"]
        if "counts_from" in beside(topic, key):
            self.fields["counts_from"] = _counts_from(held)
        if "basis" in beside(topic, key):
            self.fields["basis"] = _basis(held)
        self.order_fields(self.field_order)

    def told(self) -> dict[str, Any]:
        """What was filled in, as `override_rule` takes it, but the reason; empty until all of it is good."""
        if not self.is_bound or set(self.errors) - {"reason"}:
            return {}
        told = self.cleaned_data
        terms: dict[str, Term] = dict(self.cases[int(told["case"])]) if "case" in self.fields else {}
        if "counts_from" in self.fields:
            terms["counts_from"] = tuple(told["counts_from"])
        if told.get("basis"):
            terms["basis"] = told["basis"]
        value = tuple(told["value"]) if isinstance(told["value"], list) else told["value"]
        return {"value": value, "terms": terms, "starts_on": told["starts_on"]}

    def refuse(self, wrong: CannotKeep) -> None:
        """Show what was refused, each at its field."""
        for field, faults in wrong.reasons.items():
            for fault in faults:
                self.add_error(field if field in self.fields else None, fault)


def _held(rules: list[Rule], told: Any, case: str) -> Rule | None:
    """The rule that holds for the case that was chosen."""
    wanted = told[int(case)] if case.isdecimal() and int(case) < len(told) else ()
    return next((rule for rule in rules if rule.strand == wanted), None)


def _value_field(topic: str, key: str) -> forms.Field:
    about = TOPICS[topic][key]
    match about.kind:
        case Kind.CHOICE:
            choices = [(one, CHOICES[one]) for one in about.choices]
            return forms.ChoiceField(label="Value", choices=choices, widget=forms.RadioSelect(attrs=BOX))
        case Kind.DAYS:
            hint = "So many days back are still taken; 0 means not at all." if key == "backdate_days" else ""
            return forms.IntegerField(label="Days", min_value=0, max_value=LONGEST, help_text=hint)
        case Kind.CENTS:
            return MoneyField(label="Dollars", help_text="0 where the state asks for nothing.")
        case Kind.LIST if key == "reasons":
            return forms.MultipleChoiceField(
                label="Value",
                choices=list(termination_reasons().items()),
                widget=forms.CheckboxSelectMultiple(attrs=BOX),
            )
        case Kind.LIST:
            return LinesField(label="Value", help_text="One on each line.")
        case _ if key in DAYS_OF_YEAR:
            return forms.RegexField(
                r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
                label="Day of the year",
                help_text="Month and day, as in 07-01.",
                error_messages={"invalid": "Write the month and the day with two digits each, as in 07-01."},
            )
        case _:
            return forms.CharField(label="Value", max_length=LONGEST_TEXT)


def _told(topic: str, key: str, value: Value) -> Any:
    """A value as its control shows it."""
    match TOPICS[topic][key].kind, value:
        case Kind.CENTS, int():
            return dollars(value).removeprefix("$")
        case Kind.LIST, tuple():
            return list(value) if key == "reasons" else "\n".join(value)
        case _:
            return value


def _counts_from(held: Rule | None) -> forms.Field:
    events = held.terms.get("counts_from") if held else None
    return forms.MultipleChoiceField(
        label="Counted from",
        choices=[(event, words[:1].upper() + words[1:]) for event, words in EVENTS.items()],
        widget=forms.CheckboxSelectMultiple(attrs=BOX),
        initial=list(events) if isinstance(events, tuple) else [FIRST_BUSINESS],
        help_text="Of several, the earliest counts. Muster knows the first business and the effective date.",
    )


def _basis(held: Rule | None) -> forms.Field:
    return forms.ChoiceField(
        label="Asked for",
        choices=[
            ("", "Not told"),
            *((basis, words[:1].upper() + words[1:]) for basis, words in BASES.items()),
        ],
        required=False,
        initial=held.terms.get("basis", "") if held else "",
    )
