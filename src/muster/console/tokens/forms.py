"""The form of a new token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms

from muster.access.models import Membership
from muster.access.tokens import LONGEST_NAME, actors_of

LIVES = {"30": "30 days", "90": "90 days", "365": "1 year", "": "No end"}
USUAL_LIFE = "365"


class TokenForm(forms.Form):
    """What a token is for, as whom it acts, and how long it lives."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        help_text="Which program it is for, such as the quoting system.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    acts_as = forms.ModelChoiceField(
        Membership.objects.none(),
        label="Acts as",
        empty_label=None,
        help_text="It may do what this person’s role allows, and what it does is recorded under their name.",
    )
    life = forms.ChoiceField(
        label="Ends after", choices=list(LIVES.items()), required=False, initial=USUAL_LIFE
    )

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actor: Any = self.fields["acts_as"]
        actor.queryset = actors_of(member)
        # An email address alone: who was invited and has not come may work for others, under another name.
        actor.label_from_instance = lambda one: f"{one.user.email}, {one.get_role_display()}"
        self.initial.setdefault("acts_as", member.pk)

    def expires_at(self, now: datetime) -> datetime | None:
        """When it ends, if ever."""
        days = self.cleaned_data["life"]
        return now + timedelta(days=int(days)) if days else None
