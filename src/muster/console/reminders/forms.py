"""The form of what an organization chooses about reminders."""

from __future__ import annotations

from typing import Any

from django import forms

from muster.access.permissions import Role
from muster.core.reminders import DAYS
from muster.notices.models import ReminderChoice

# A Producer belongs to the portal.
STAFF = [role for role in Role if role is not Role.PRODUCER]

BOX = {"class": "form-check-input"}


class ChoiceForm(forms.Form):
    """Which reminders there are, and who gets them."""

    days = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        choices=[(days, f"{days} days before") for days in DAYS],
        widget=forms.CheckboxSelectMultiple(attrs=BOX),
    )
    in_console = forms.BooleanField(required=False, widget=forms.CheckboxInput(attrs=BOX))
    by_email = forms.BooleanField(required=False, widget=forms.CheckboxInput(attrs=BOX))
    roles = forms.TypedMultipleChoiceField(
        coerce=Role,
        required=False,
        choices=[(role.value, role.label) for role in STAFF],
        widget=forms.CheckboxSelectMultiple(attrs=BOX),
    )

    @staticmethod
    def told(choice: ReminderChoice) -> dict[str, Any]:
        """What was chosen, as the form takes it."""
        return {
            "days": choice.days,
            "in_console": choice.in_console,
            "by_email": choice.by_email,
            "roles": choice.roles,
        }

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if told.get("by_email") and not told.get("roles"):
            self.add_error("roles", "Choose whose people get the mail, or switch the mail off.")
        if (told.get("by_email") or told.get("in_console")) and not told.get("days"):
            self.add_error("days", "Choose at least one, or switch both the mail and the list off.")
        return told
