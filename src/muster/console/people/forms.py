"""The forms for people: adding one, and what one may do."""

from __future__ import annotations

from typing import Any

from django import forms

from muster.access.operations import LONGEST_NAME
from muster.access.permissions import Role

# A Producer opens no staff page.
STAFF = [role for role in Role if role is not Role.PRODUCER]


class RightsForm(forms.Form):
    """What a person may do."""

    role = forms.ChoiceField(choices=[(role.value, role.label) for role in STAFF], initial=Role.VIEWER.value)
    can_see_ssn = forms.BooleanField(
        label="May see SSNs",
        required=False,
        help_text="No role shows SSNs by itself, and a Viewer never sees them. Each look is recorded.",
    )

    def rights(self) -> dict[str, Any]:
        """What was chosen, as the operations take it."""
        return {"role": Role(self.cleaned_data["role"]), "can_see_ssn": self.cleaned_data["can_see_ssn"]}


class PersonForm(RightsForm):
    """Who is to be added."""

    email = forms.EmailField(
        max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off", "autofocus": True})
    )
    name = forms.CharField(
        max_length=LONGEST_NAME, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    field_order = ("email", "name", "role", "can_see_ssn")
