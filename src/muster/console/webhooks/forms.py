"""The form of an endpoint."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from muster.core.webhooks import EventType
from muster.webhooks.addresses import LONGEST_URL, AddressRefused, check_url
from muster.webhooks.models import Endpoint
from muster.webhooks.operations import LONGEST_DESCRIPTION

BOX = {"class": "form-check-input"}


class EndpointForm(forms.Form):
    """Where it is, and what it is told."""

    url = forms.CharField(
        label="Address",
        max_length=LONGEST_URL,
        help_text="Where your program listens, such as https://crm.example.com/muster.",
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
    )
    description = forms.CharField(
        max_length=LONGEST_DESCRIPTION,
        required=False,
        help_text="Which program it is, such as the CRM.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    types = forms.MultipleChoiceField(
        choices=[(type_.value, type_.meaning) for type_ in EventType],
        widget=forms.CheckboxSelectMultiple(attrs=BOX),
        error_messages={"required": "Tick at least one type of event."},
    )

    def clean_url(self) -> str:
        try:
            return check_url(self.cleaned_data["url"], private=settings.MUSTER_WEBHOOKS_PRIVATE)
        except AddressRefused as problem:
            raise forms.ValidationError(str(problem)) from None

    @staticmethod
    def told(endpoint: Endpoint) -> dict[str, Any]:
        """An endpoint, as the form takes it."""
        return {"url": endpoint.url, "description": endpoint.description, "types": endpoint.types}
