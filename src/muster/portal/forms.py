"""The forms in which producers tell of themselves."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone

from muster.core.findings import sentence
from muster.core.profile import QUESTIONS
from muster.core.values import clean_email
from muster.core.words import states
from muster.profiles.models import Document
from muster.profiles.operations import Answer

EARLIEST = date(1940, 1, 1)
MONTH = "%Y-%m"
PHONE = RegexValidator(
    r"^[0-9+().x \-]{7,30}$", "Write the number with its area code, such as (520) 555-0180."
)
ZIP = RegexValidator(r"^[0-9]{5}(-[0-9]{4})?$", "A ZIP code has five digits, or nine as 85701-1234.")


def _text(name: str, limit: int, **over: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": name})
    return forms.CharField(max_length=limit, widget=widget, **over)


def _state(**over: Any) -> forms.ChoiceField:
    named = sorted(states().items(), key=lambda one: one[1])
    return forms.ChoiceField(choices=[("", "Choose"), *named], required=False, **over)


def _telephone(name: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
    return forms.CharField(label=name, max_length=30, required=False, validators=[PHONE], widget=widget)


class ContactForm(forms.Form):
    """How one wants to be reached."""

    email = forms.CharField(
        label="Preferred email",
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email", "inputmode": "email"}),
    )
    mobile = _telephone("Mobile phone")
    phone = _telephone("Other phone")
    line_1 = _text("address-line1", 100, label="Mailing address", required=False)
    line_2 = _text("address-line2", 100, label="Apartment, suite", required=False)
    city = _text("address-level2", 60, required=False)
    state = _state()
    zip = _text("postal-code", 10, label="ZIP code", required=False, validators=[ZIP])

    def clean_email(self) -> str:
        given: str = self.cleaned_data["email"]
        email, problems = clean_email(given)
        if given and email is None:
            code, params = problems[0]
            raise forms.ValidationError(sentence(code, field="Email", value=given, params=dict(params)))
        return email or ""

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not any(told.values()):
            raise forms.ValidationError("Tell at least one way in which you can be reached.")
        return told


class MonthField(forms.DateField):
    """A month, kept as its first day; written as 2024-03 where the browser shows no calendar."""

    def __init__(self, **over: Any) -> None:
        widget = forms.DateInput(format=MONTH, attrs={"type": "month", "placeholder": "2024-03"})
        wrong = {"invalid": "Write the month as 2024-03."}
        super().__init__(input_formats=[MONTH], widget=widget, error_messages=wrong, **over)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day and day > timezone.localdate():
            raise forms.ValidationError("This month is yet to come.")
        if day and day < EARLIEST:
            raise forms.ValidationError(f"Months from {EARLIEST.year} on can be told.")
        return day


class EmploymentForm(forms.Form):
    """One entry of the employment history."""

    employer = _text(
        "organization", 100, help_text="Or what else you did: unemployed, self-employed, student."
    )
    title = _text(
        "organization-title",
        100,
        label="Position",
        required=False,
        help_text="Leave it empty for a time without a job.",
    )
    city = _text("off", 60, required=False)
    state = _state()
    starts_on = MonthField(label="From month")
    ends_on = MonthField(label="To month", required=False, help_text="Leave it empty while it goes on.")

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        starts_on, ends_on = told.get("starts_on"), told.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", "It ends before it begins: swap the months.")
        return told


class BackgroundForm(forms.Form):
    """The background questions: yes or no; a yes with an explanation, and a document if there is one.

    Takes the producer's `documents`. What is left open stays unanswered.
    """

    def __init__(self, *args: Any, documents: list[Document], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.documents = {str(document.pk): document for document in documents}
        offered = [("", "None"), *((key, one.name) for key, one in self.documents.items())]
        for code, text in QUESTIONS.items():
            self.fields[code] = forms.ChoiceField(
                label=text,
                choices=[("yes", "Yes"), ("no", "No")],
                required=False,
                widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
            )
            self.fields[f"{code}_why"] = forms.CharField(
                label="What happened, when, and how it ended",
                max_length=4_000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
            self.fields[f"{code}_document"] = forms.ChoiceField(
                label="Document", choices=offered, required=False
            )

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        for code in QUESTIONS:
            if told.get(code) == "yes" and not told.get(f"{code}_why"):
                self.add_error(f"{code}_why", "Explain your yes: what happened, when, and how it ended.")
        return told

    def questions(self) -> list[tuple[Any, Any, Any]]:
        """The fields of each question: answer, explanation, document."""
        return [(self[code], self[f"{code}_why"], self[f"{code}_document"]) for code in QUESTIONS]

    def answers(self) -> dict[str, Answer]:
        """What was answered, by the code of the question."""
        told = self.cleaned_data
        return {
            code: Answer(
                told[code] == "yes", told[f"{code}_why"], self.documents.get(told[f"{code}_document"])
            )
            for code in QUESTIONS
            if told[code]
        }
