"""The forms around a saved report."""

from __future__ import annotations

from typing import Any

from django import forms

from muster.core.schedules import LONGEST_MONTH, Every
from muster.reports.models import LONGEST_NAME, ReportSchedule
from muster.reports.schedules import MOST_RECIPIENTS, WEEKDAYS, recipients_of

BOX = {"class": "form-check-input"}
HOW_OFTEN = {Every.DAY: "Every day", Every.WEEK: "Every week", Every.MONTH: "Every month"}


class ReportForm(forms.Form):
    """What a report is called, where it lies, and who may run it."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    folder = forms.CharField(
        max_length=LONGEST_NAME,
        required=False,
        help_text="Reports of one folder lie together. Leave it empty for none.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    is_shared = forms.BooleanField(required=False, label="Share with everyone of the organization")


class MailForm(forms.Form):
    """How often a report is told of by mail, and to whom."""

    every = forms.ChoiceField(
        label="How often", choices=[(one.value, label) for one, label in HOW_OFTEN.items()]
    )
    weekday = forms.TypedChoiceField(
        label="On", coerce=int, choices=list(enumerate(WEEKDAYS)), required=False
    )
    monthday = forms.TypedChoiceField(
        label="On day",
        coerce=int,
        choices=[(day, str(day)) for day in range(1, LONGEST_MONTH + 1)],
        required=False,
        help_text="In a shorter month, on its last day.",
    )
    recipients = forms.TypedMultipleChoiceField(
        label="To",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=BOX),
    )

    def __init__(self, *args: Any, member: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["recipients"]
        # An email address alone: a name would tell that somebody who never came works for others.
        field.choices = [(one.pk, one.user.email) for one in recipients_of(member)]

    @staticmethod
    def told(schedule: ReportSchedule | None, member: Any) -> dict[str, Any]:
        """What was chosen, as the form takes it; a new one goes to oneself, on Mondays."""
        if schedule is None:
            return {"every": Every.WEEK.value, "recipients": [member.pk], "monthday": 1}
        return {
            "every": schedule.every,
            "weekday": schedule.on if schedule.every == Every.WEEK else 0,
            "monthday": schedule.on if schedule.every == Every.MONTH else 1,
            "recipients": schedule.recipients,
        }

    @property
    def on(self) -> int:
        """The day of the week or of the month that was chosen."""
        told = self.cleaned_data
        days = {Every.WEEK.value: told["weekday"], Every.MONTH.value: told["monthday"]}
        return int(days.get(told["every"]) or 0)

    def clean(self) -> dict[str, Any]:
        """With the day that the choice asks for."""
        told: dict[str, Any] = super().clean() or {}
        wanted = {Every.WEEK.value: "weekday", Every.MONTH.value: "monthday"}.get(told.get("every", ""))
        if wanted and told.get(wanted) in ("", None) and wanted not in self.errors:
            self.add_error(wanted, "Choose a day.")
        return told

    def clean_recipients(self) -> list[int]:
        """Somebody, and not too many."""
        chosen: list[int] = self.cleaned_data["recipients"]
        if not chosen:
            raise forms.ValidationError("Choose at least one person, or end the mail below.")
        if len(chosen) > MOST_RECIPIENTS:
            raise forms.ValidationError(f"Choose at most {MOST_RECIPIENTS} people.")
        return chosen
