"""What a person has filled in on the pages of an onboarding, cleaned, and what is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.http import QueryDict

from muster.core.findings import Finding, Param, Severity, fix, sentence
from muster.core.licensing import PAYER_LABELS
from muster.core.onboarding import GENDERS, IdentifiedBy
from muster.core.values import (
    Cleaner,
    clean_email,
    clean_name,
    clean_npn,
    clean_ssn,
    clean_state,
    refused,
    text_of,
)
from muster.core.words import states
from muster.onboarding.drafts import Details
from muster.onboarding.looking_up import Identity

NONE: Mapping[str, Param] = {}


class Asked(NamedTuple):
    """A field of the first page: its name in the form, what it is called, and how it is cleaned."""

    name: str
    label: str
    clean: Cleaner


EMAIL = Asked("email", "Email", clean_email)
FIELDS: Mapping[IdentifiedBy, tuple[Asked, ...]] = {
    IdentifiedBy.SSN: (Asked("ssn", "SSN", clean_ssn), Asked("last_name", "Last name", clean_name), EMAIL),
    IdentifiedBy.NPN: (Asked("npn", "NPN", clean_npn), EMAIL),
    IdentifiedBy.LICENSE: (
        Asked("number", "License number", text_of(limit=60)),
        Asked("state", "State", clean_state),
        EMAIL,
    ),
}
NAMES = {asked.label: asked.name for fields in FIELDS.values() for asked in fields}


class Trouble(NamedTuple):
    """What is wrong, and what to do, as it stands beside a field."""

    text: str
    fix: str
    is_error: bool = True


Troubles = dict[str, list[Trouble]]


@dataclass(slots=True)
class Filled:
    """What was filled in, by the names of the fields; an SSN is never shown again."""

    by: IdentifiedBy = IdentifiedBy.SSN
    values: dict[str, str] = field(default_factory=dict)
    troubles: Troubles = field(default_factory=lambda: defaultdict(list))


def identity_in(form: QueryDict) -> tuple[Filled, Identity | None]:
    """Who is to be onboarded, as the form says; None where something is wrong, as the troubles tell."""
    asked_by = form.get("by", "")
    by = IdentifiedBy(asked_by) if asked_by in set(IdentifiedBy) else IdentifiedBy.SSN
    filled = Filled(by)
    cleaned: dict[str, str] = {}
    for asked in FIELDS[by]:
        text = form.get(asked.name, "")
        if asked.name != "ssn":
            filled.values[asked.name] = text[:254]
        value, problems = asked.clean(text)
        if value is None:
            # A masked SSN is no error in a file; here there is no number on record that it could stand for.
            code, params = problems[0] if problems else ("ROW-E001", NONE)
            shown = "…" if asked.name == "ssn" else text
            filled.troubles[asked.name].append(trouble(code, field=asked.label, value=shown, params=params))
        cleaned[asked.name] = value or ""
    if any(filled.troubles.values()):
        return filled, None
    return filled, Identity(by=by, **cleaned)


def told(findings: Iterable[Finding], by: IdentifiedBy | None = None) -> Troubles:
    """Findings as they stand beside the fields that they are about; of none in particular under "all".

    So do those about a field that is not asked for where somebody is identified `by` another.
    """
    asked_for = {asked.name for asked in FIELDS[by]} if by else None
    found: Troubles = defaultdict(list)
    for one in findings:
        words = _words(one.code, one.field, one.value, one.params)
        beside = NAMES.get(one.field, one.field) if one.field else "all"
        if asked_for is not None and beside not in asked_for:
            beside = "all"
        found[beside].append(Trouble(*words, one.severity is Severity.ERROR))
    return dict(found)


def trouble(
    code: str, *, field: str | None = None, value: str | None = None, params: Mapping[str, Param] = NONE
) -> Trouble:
    """One thing that is wrong, in words."""
    return Trouble(*_words(code, field, value, params))


def _words(code: str, field: str | None, value: str | None, params: Mapping[str, Param]) -> tuple[str, str]:
    return (
        sentence(code, field=field, value=value, params=params),
        fix(code, field=field, value=value, params=params),
    )


def details_in(form: QueryDict, agencies: Iterable[int]) -> tuple[Details, Troubles]:
    """What the first step says; an agency that is not one of these counts as untold."""
    troubles: Troubles = defaultdict(list)
    text = form.get("email", "").strip()[:300]
    email, problems = clean_email(text)
    if refused(problems):
        code, params = problems[0]
        troubles["email"].append(trouble(code, field="Email", value=text, params=params))
    agency = form.get("agency", "")
    agency_id = int(agency) if agency.isascii() and agency.isdecimal() and len(agency) < 18 else None
    gender = form.get("gender", "")
    new, renewal = form.get("new_paid_by", ""), form.get("renewal_paid_by", "")
    return (
        Details(
            email=email or text,
            agency_id=agency_id if agency_id in set(agencies) else None,
            gender=gender if gender in GENDERS else "",
            new_paid_by=new if new in PAYER_LABELS else "",
            renewal_paid_by=renewal if renewal in PAYER_LABELS else "",
            auto_renewal="auto_renewal" in form,
        ),
        dict(troubles),
    )


def ssn_in(form: QueryDict) -> tuple[str, Troubles]:
    """An SSN that is told anew; empty where none is, or something is wrong with it."""
    troubles: Troubles = defaultdict(list)
    text = form.get("ssn", "").strip()
    value, problems = clean_ssn(text) if text else ("", ())
    if value is None:
        code, params = problems[0] if problems else ("ROW-E001", NONE)
        troubles["ssn"].append(trouble(code, field="SSN", value="…", params=params))
    return value or "", dict(troubles)


def choices_in(form: QueryDict) -> dict[str, list[str]]:
    """The lines that are ticked in each ticked state."""
    return {code: form.getlist(f"line-{code}") for code in form.getlist("state") if code in states()}


LABELS = {"email": "Email", "new_paid_by": "New license", "renewal_paid_by": "Renewal license"}


def lacking(names: Iterable[str]) -> Troubles:
    """What is still to be filled in, beside its field (`muster.core.onboarding.missing`)."""
    found: Troubles = defaultdict(list)
    for name in names:
        if name == "email":
            found[name].append(trouble("ROW-E001", field="Email"))
        elif name.startswith("lines_"):
            state = name.removeprefix("lines_")
            found[state].append(trouble("ONBOARD-E009", params={"state": states().get(state, state)}))
        else:
            found[name].append(trouble("ONBOARD-E010", field=f"Who pays: {LABELS[name].lower()}"))
    return dict(found)
