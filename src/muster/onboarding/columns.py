"""The columns by which a file names producers who are to be onboarded."""

from __future__ import annotations

from muster.core.columns import Column, Columns
from muster.core.onboarding import GENDERS
from muster.core.values import Cleaned, clean_email, clean_name, clean_npn, clean_ssn, one_of
from muster.onboarding.models import RequiredColumns

OPTIONAL = ("email", "ssn", "gender")
"""Those that an organization may leave open."""


SHORT = {
    "f": "female",
    "w": "female",
    "m": "male",
    "x": "nonbinary",
    "unknown": "undisclosed",
    "prefer not to say": "undisclosed",
}
"""What lists of employees say for a gender."""

_clean = one_of(GENDERS)


def clean_gender(text: str) -> Cleaned[str]:
    """Clean an accepted value, or what lists of employees say for it."""
    return _clean(SHORT.get(" ".join(text.split()).casefold(), text))


def columns_of(organization_id: int) -> Columns:
    """The columns, each required unless the organization has made it optional."""
    required = RequiredColumns.of(organization_id)
    return Columns(
        [
            Column(
                "last_name",
                "Last Name",
                aliases=("Producer Last Name", "Agent Last Name", "Surname"),
                required=True,
                clean=clean_name,
                note="As on the license. The registry must know the producer by it.",
            ),
            Column(
                "npn",
                "NPN",
                aliases=("Producer NPN", "Agent NPN", "National Producer Number"),
                required=True,
                clean=clean_npn,
                numeric=True,
                note="National Producer Number, 1 to 10 digits.",
            ),
            Column(
                "email",
                "Email",
                aliases=("Email Address", "E-Mail", "Producer Email"),
                required=required.email,
                clean=clean_email,
                note="The producer's own address, such as ada@example.com.",
                width=28,
            ),
            Column(
                "ssn",
                "SSN",
                aliases=("Social Security Number", "Social Security No.", "Producer SSN", "SS#"),
                required=required.ssn,
                clean=clean_ssn,
                sensitive=True,
                note="Nine digits. Sealed as soon as it is read.",
            ),
            Column(
                "gender",
                "Gender",
                aliases=("Producer Gender",),
                required=required.gender,
                choices=GENDERS,
                clean=clean_gender,
                note="One of the accepted values.",
            ),
        ]
    )
