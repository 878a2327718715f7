"""The form of registering: a password, twice."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from muster.access.models import User

LONGEST = 128


class PasswordForm(forms.Form):
    """A password for the account that is made. Takes the person as they will be, for the validators."""

    password1 = forms.CharField(
        label="Password",
        strip=False,
        max_length=LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )
    password2 = forms.CharField(
        label="Password, once more",
        strip=False,
        max_length=LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person = person
        self.fields["password1"].help_text = " ".join(password_validators_help_texts())

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        validate_password(password, self._person)
        return password

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        first, second = told.get("password1"), told.get("password2")
        if first and second and first != second:
            self.add_error("password2", ValidationError("This is not the same password. Type it again."))
        return told
