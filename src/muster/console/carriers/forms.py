"""The forms of companies, business rules and filing: they ask, and the operations say what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from muster.carriers.keeping import CannotKeep
from muster.carriers.models import BusinessRule, Company, FilingSettings
from muster.core.amounts import dollars
from muster.core.words import LOA_CATEGORIES, states

BOX = {"class": "form-check-input"}


class ToldForm(forms.Form):
    """A form whose answers are texts, as a row of a file has them."""

    def told(self) -> dict[str, str]:
        """What was answered, by the keys of the columns: `yes` or `no` for a box, `;` between several."""
        return {name: as_text(value) for name, value in self.cleaned_data.items()}

    def refuse(self, problem: CannotKeep) -> None:
        """Show beside each field why it cannot be kept."""
        for name, reasons in problem.reasons.items():
            for reason in reasons:
                self.add_error(name if name in self.fields else None, reason)


def as_text(value: Any) -> str:
    """An answer as a file would have it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ";".join(value) if isinstance(value, list) else str(value or "")


def line(label: str, *, hint: str = "", required: bool = False, **attrs: Any) -> forms.CharField:
    """A field for one line of text; what is wrong with it the cleaners say."""
    widget = forms.TextInput(attrs={"autocomplete": "off", **attrs})
    return forms.CharField(label=label, help_text=hint, required=required, strip=False, widget=widget)


def box(label: str, hint: str) -> forms.BooleanField:
    """A field to tick."""
    return forms.BooleanField(label=label, help_text=hint, required=False)


def state_field(label: str, none: str, *, hint: str = "", required: bool = False) -> forms.ChoiceField:
    """A state to choose; `none` is what the empty choice is called."""
    return forms.ChoiceField(
        label=label, help_text=hint, required=required, choices=lambda: [("", none), *states().items()]
    )


def category_field(label: str) -> forms.MultipleChoiceField:
    """LOA categories to tick."""
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        choices=list(LOA_CATEGORIES.items()),
        widget=forms.CheckboxSelectMultiple(attrs=BOX),
    )


def day_field(label: str, hint: str) -> forms.CharField:
    """A day to choose."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.CharField(label=label, help_text=hint, required=False, widget=widget)


class CategoriesForm(ToldForm):
    """What a company appoints for."""

    categories = category_field("LOA categories")


class CompanyForm(CategoriesForm):
    """What is told of a company that is on file."""

    name = line("Company name", required=True, maxlength=200)
    fein = line("FEIN", hint="Nine digits, or NN-NNNNNNN.", inputmode="numeric")
    domicile = state_field("Domicile", "Not known", hint="Its home state. Some states' fees depend on it.")
    address = line("Address", maxlength=500)
    create_internal_appointments = box(
        "Create internal appointments",
        "Where a state files no appointments, Muster keeps the company's register of them.",
    )
    assignment_required = box(
        "Producer assignment required",
        "Only producers with an assignment that fits are appointed, in every state.",
    )

    field_order: Sequence[str] = ("name", "fein", "domicile", "address", "categories")

    @staticmethod
    def of(company: Company) -> dict[str, Any]:
        """What is on file, as the form shows it."""
        return {name: getattr(company, name) for name in CompanyForm.base_fields}


class NewCompanyForm(CompanyForm):
    """What is told of a company that is to be put on file."""

    cocode = line(
        "CoCode",
        hint="The NAIC's company code, five digits. Everything that names a company names it by this.",
        required=True,
        inputmode="numeric",
        autofocus=True,
    )

    field_order = ("cocode", *CompanyForm.field_order)


class RuleForm(ToldForm):
    """What is told of a business rule."""

    state = state_field("State", "Choose a state", required=True)
    line_name = line("Line of authority", hint="In the state's own words.", required=True, maxlength=200)
    line_code = line("Line code", hint="The state's code of the line, where it has one.", maxlength=20)
    class_name = line("License class", hint="Empty, with an empty code: every class.", maxlength=200)
    class_code = line("Class code", hint="The state's code of the license class.", maxlength=20)
    categories = category_field("LOA categories")
    is_active = box("Active", "Requests for its categories come to this line too.")
    starts_on = day_field("From", "The first day on which it counts. Empty: from ever.")
    ends_on = day_field("To", "The last day on which it counts. Empty: without an end.")

    @staticmethod
    def of(rule: BusinessRule) -> dict[str, Any]:
        """What is on file, as the form shows it."""
        return {name: getattr(rule, name) for name in RuleForm.base_fields}


class FilingForm(ToldForm):
    """How the organization files."""

    auto_submit_bulk_appointments = box(
        "Submit by itself",
        "What is ready goes to the registry without anybody pressing Submit, where the company's state says "
        "auto submit. Without this, those settings of states do nothing.",
    )
    assignment_required = box(
        "Producer assignment required",
        "Only producers with an assignment that fits are appointed, for every company and state. A company "
        "or one of its states can also ask for it by itself.",
    )
    two_person_release = box(
        "Two-person release",
        "Who has prepared a filing can neither approve nor submit it: somebody else must. With this on, "
        "nothing goes by itself.",
    )
    most_filings = line(
        "Filings at once",
        hint="So many filings may one submission have. Empty: no limit.",
        placeholder="No limit",
        inputmode="numeric",
    )
    most_fees = line(
        "Fees at once, in dollars",
        hint="So much may the estimated fees of one submission come to. Empty: no limit.",
        placeholder="No limit",
        inputmode="decimal",
    )
    registry_fee = line(
        "Registry fee, in dollars",
        hint="What the registry takes for one filing. Empty: unknown. It is told beside estimates and never "
        "counted as zero.",
        placeholder="Unknown",
        inputmode="decimal",
    )

    @staticmethod
    def of(settings: FilingSettings) -> dict[str, Any]:
        """What holds now, as the form shows it."""
        told = {name: getattr(settings, name) for name in FilingForm.base_fields}
        for name in ("most_fees", "registry_fee"):
            told[name] = None if told[name] is None else dollars(told[name]).removeprefix("$")
        return told
