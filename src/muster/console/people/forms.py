"""The forms for people: adding one, and what one may do, and for whom."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from muster.access.models import Membership
from muster.access.operations import LONGEST_NAME
from muster.access.permissions import Role
from muster.producers.queries import visible_agencies

# A Producer opens no staff page.
STAFF = [role for role in Role if role is not Role.PRODUCER]


MOST_AGENCIES = 2_000
"""So many agencies are offered at once."""


class RightsForm(forms.Form):
    """What a person may do, and for the producers of which agencies. Takes the member who gives rights."""

    role = forms.ChoiceField(choices=[(role.value, role.label) for role in STAFF], initial=Role.VIEWER.value)
    can_see_ssn = forms.BooleanField(
        label="May see SSNs",
        required=False,
        help_text="No role shows SSNs by itself, and a Viewer never sees them. Each look is recorded.",
    )

    agency_ids = forms.TypedMultipleChoiceField(
        label="Agencies",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        help_text=(
            "Nothing ticked: the whole organization. Who is limited sees and works on the producers of these "
            "agencies alone; onboarding, removing and settings are for those who are not limited."
        ),
    )

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.initial.get("agency_ids") or []
        agencies = visible_agencies(by).order_by("folded", "id")
        offered = {agency.pk: agency for agency in agencies.filter(pk__in=chosen)}
        offered |= {agency.pk: agency for agency in agencies[:MOST_AGENCIES]}
        if not offered:
            del self.fields["agency_ids"]
            return
        field = cast("forms.TypedMultipleChoiceField", self.fields["agency_ids"])
        field.choices = [
            (pk, f"{agency.name} (NPN {agency.npn})" if agency.npn else agency.name)
            for pk, agency in sorted(offered.items(), key=lambda one: one[1].name.casefold())
        ]

    def rights(self) -> dict[str, Any]:
        """What was chosen, as the operations take it."""
        told = self.cleaned_data
        return {
            "role": Role(told["role"]),
            "can_see_ssn": told["can_see_ssn"],
            "agency_ids": told.get("agency_ids", ()),
        }


class PersonForm(RightsForm):
    """Who is to be added."""

    email = forms.EmailField(
        max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off", "autofocus": True})
    )
    name = forms.CharField(
        max_length=LONGEST_NAME, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    field_order = ("email", "name", "role", "agency_ids", "can_see_ssn")
