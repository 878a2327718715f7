"""What is told of companies, of the states in which they appoint, of business rules, and of filing itself.

In files and on pages alike: a column's key is the field of the model, its cleaner what both go through.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from muster.core.amounts import clean_count, clean_money
from muster.core.columns import Column, Columns
from muster.core.findings import Finding, finding
from muster.core.values import clean_cocode, clean_date, clean_fein, clean_state, clean_yes_no, text_of
from muster.core.words import LOA_CATEGORIES, states

YES_NO: Mapping[str, str] = MappingProxyType({"yes": "Yes", "no": "No"})

COCODE = Column(
    "cocode",
    "CoCode",
    aliases=("NAIC Code", "NAIC Company Code", "Company CoCode", "Carrier CoCode"),
    required=True,
    clean=clean_cocode,
    numeric=True,
    note="Company code of the NAIC, five digits.",
)
FROM = Column(
    "starts_on",
    "From",
    aliases=("Effective From", "Start Date"),
    clean=clean_date,
    note="First day on which it counts. Empty: from ever.",
)
TO = Column(
    "ends_on",
    "To",
    aliases=("Effective To", "End Date"),
    clean=clean_date,
    note="Last day on which it counts. Empty: without an end.",
)


def yes_no(key: str, header: str, note: str, *aliases: str) -> Column:
    """A column that takes yes or no."""
    return Column(key, header, aliases=aliases, clean=clean_yes_no, choices=YES_NO, note=note)


COMPANY = Columns(
    [
        COCODE,
        Column(
            "name",
            "Company Name",
            aliases=("Company", "Carrier", "Carrier Name"),
            required=True,
            clean=text_of(limit=200),
            note="As it is registered.",
            width=32,
        ),
        Column(
            "fein",
            "FEIN",
            aliases=("Federal Employer Identification Number", "EIN"),
            clean=clean_fein,
            numeric=True,
            note="Nine digits, or NN-NNNNNNN.",
        ),
        Column(
            "categories",
            "LOA Categories",
            aliases=("LOA Category", "Line of Authority Categories"),
            choices=LOA_CATEGORIES,
            many=True,
            note="What the company appoints for: accepted values, separated by semicolons.",
            width=24,
        ),
        Column(
            "domicile",
            "Domicile",
            aliases=("Domicile State", "State of Domicile", "Home State"),
            clean=clean_state,
            choices=states(),
            note="Home state of the company. Some states' fees depend on it.",
        ),
        Column("address", "Address", aliases=("Company Address",), note="In one line.", width=32),
        yes_no(
            "create_internal_appointments",
            "Create Internal Appointments",
            "yes: where a state files no appointments, Muster keeps the company's register of them.",
            "Internal Appointments",
        ),
        yes_no(
            "assignment_required",
            "Assignment Required",
            "yes: only producers with a fitting producer assignment are appointed.",
            "Producer Assignment Required",
        ),
    ]
)

STATES = Column(
    "states",
    "State(s)",
    aliases=("State", "States", "State Code"),
    required=True,
    clean=clean_state,
    choices=states(),
    many=True,
    note="Two-letter codes or names, separated by semicolons. The rest of the row holds for each.",
)

SETTING = (
    yes_no(
        "just_in_time",
        "Just In Time",
        "yes: appointments wait for the first business, where the state allows it.",
        "JIT",
    ),
    yes_no(
        "auto_submit",
        "Auto Submit",
        "yes: what is eligible goes to the registry by itself, once the organization has switched that on.",
    ),
    Column(
        "company_license_id",
        "Company License ID",
        aliases=("Company License Number",),
        clean=text_of(limit=60),
        numeric=True,
        note="The company's own license number in the state.",
    ),
    yes_no(
        "assignment_required",
        "Assignment Required",
        "yes: here, only producers with a fitting producer assignment are appointed.",
        "Producer Assignment Required",
    ),
    FROM,
    TO,
)
COMPANY_STATE = Columns([COCODE, STATES, *SETTING])
STATE_SETTING = Columns(SETTING)

RULE = Columns(
    [
        Column(
            "state",
            "State",
            aliases=("State Code",),
            required=True,
            clean=clean_state,
            choices=states(),
            note="Two-letter code or name.",
        ),
        Column(
            "line_name",
            "Line of Authority",
            aliases=("LOA", "LOA Name", "Line", "Line Name"),
            required=True,
            clean=text_of(limit=200),
            note="The line, in the state's own words.",
            width=32,
        ),
        Column(
            "categories",
            "LOA Category",
            aliases=("LOA Categories", "Line of Authority Category"),
            required=True,
            choices=LOA_CATEGORIES,
            many=True,
            note="The categories that the line belongs to, separated by semicolons.",
            width=24,
        ),
        Column(
            "class_code",
            "Class Code",
            aliases=("License Class Code",),
            clean=text_of(limit=20),
            note="The state's code of the license class. Empty with an empty Class Name: every class.",
        ),
        Column(
            "class_name",
            "Class Name",
            aliases=("License Class", "License Class Name"),
            clean=text_of(limit=200),
            note="The license class, in the state's own words.",
            width=24,
        ),
        Column(
            "line_code",
            "Line Code",
            aliases=("LOA Code",),
            clean=text_of(limit=20),
            note="The state's code of the line.",
        ),
        yes_no("is_active", "Active", "no: nothing is filed for the line. Empty: yes.", "Is Active"),
        FROM,
        TO,
    ]
)

FILING = Columns(
    [
        yes_no("auto_submit_bulk_appointments", "Submit by itself", ""),
        yes_no("assignment_required", "Assignment required", ""),
        yes_no("two_person_release", "Two-person release", ""),
        Column("most_filings", "Filings at once", clean=clean_count),
        Column("most_fees", "Fees at once", clean=clean_money),
        Column("registry_fee", "Registry fee", clean=clean_money),
    ]
)


def in_order(categories: Iterable[str]) -> list[str]:
    """The categories in the order of our list, so that the same ones are always written alike."""
    given = set(categories)
    return [category for category in LOA_CATEGORIES if category in given]


def wrong_period(data: Mapping[str, Any], *, row: int | None = None) -> Finding | None:
    """What is wrong with a cleaned row whose first day comes after its last; days are YYYY-MM-DD."""
    starts_on, ends_on = data.get(FROM.key), data.get(TO.key)
    if not starts_on or not ends_on or starts_on <= ends_on:
        return None
    return finding("DATE-E005", row=row, field=FROM.header, value=starts_on, other=TO.header, last=ends_on)
