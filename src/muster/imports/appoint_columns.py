"""The columns of upload type Appoint, and the words of what its rows may have wrong."""

from __future__ import annotations

from muster.core.catalogue import Scope, entry
from muster.core.columns import Column, Columns
from muster.core.findings import extend
from muster.core.values import (
    Cleaned,
    clean_cocode,
    clean_date,
    clean_npn,
    clean_state,
    clean_text,
    clean_yes_no,
    one_of,
    text_of,
)
from muster.core.words import AGENT_TYPES, LOA_CATEGORIES, states

APPOINTMENT_TYPES = {"general": "General", "local": "Local", "travel": "Travel Accident and Baggage"}

_clean_category = one_of(LOA_CATEGORIES)


def clean_category_or_line(text: str) -> Cleaned[str]:
    """Clean a category into its code; what is none may be a line of authority, and is left as it is."""
    category, problems = _clean_category(text)
    return (category, problems) if category or not problems else clean_text(text)


COLUMNS = Columns(
    [
        Column(
            "npn",
            "NPN",
            aliases=("Agent NPN", "Producer NPN", "National Producer Number"),
            required=True,
            clean=clean_npn,
            numeric=True,
            note="National Producer Number of a producer on file.",
        ),
        Column(
            "states",
            "State(s)",
            aliases=("State", "States", "State Code"),
            required=True,
            clean=clean_state,
            choices=states(),
            many=True,
            note="Two-letter codes or names, separated by semicolons.",
        ),
        Column(
            "cocodes",
            "Carrier CoCode(s)",
            aliases=("CoCode", "CoCodes", "CoCode(s)", "Carrier CoCode", "NAIC Code"),
            required=True,
            clean=clean_cocode,
            numeric=True,
            many=True,
            note="NAIC company codes, separated by semicolons.",
        ),
        Column(
            "categories",
            "LOA Category",
            aliases=("LOA Categories", "Line of Authority", "Line of Authority Category"),
            required=True,
            clean=clean_category_or_line,
            choices=LOA_CATEGORIES,
            many=True,
            note="Accepted values, separated by semicolons. A line of authority is taken for its category.",
            width=24,
        ),
        Column(
            "appointment_type",
            "SC Appointment Type",
            aliases=("South Carolina Appointment Type",),
            choices=APPOINTMENT_TYPES,
            note="Needed for South Carolina.",
        ),
        Column(
            "partner",
            "Distribution Partner",
            clean=text_of(limit=200),
            note="Kept with the row, for your own use.",
        ),
        Column("source", "Source", clean=text_of(limit=200), note="Kept with the row, for your own use."),
        Column("county", "County", clean=text_of(limit=60), note="Needed for Florida."),
        Column(
            "submit",
            "Auto Submit",
            aliases=("Submit",),
            clean=clean_yes_no,
            note="yes: what is eligible goes to the registry by itself, if you may release filings.",
        ),
        Column(
            "effective_on",
            "Effective Date",
            clean=clean_date,
            note="YYYY-MM-DD or MM/DD/YYYY. Blank: the day on which it is filed.",
        ),
        Column(
            "submit_just_in_time",
            "Submit Just In Time",
            clean=clean_yes_no,
            note="yes: also those that could wait for the first business.",
        ),
        Column("agent_type", "Agent Type", choices=AGENT_TYPES, note="Blank: producer."),
        Column(
            "left_out",
            "Leave Out Lines",
            clean=text_of(limit=200),
            many=True,
            note="Lines of authority that are not wanted, separated by semicolons.",
            width=24,
        ),
    ]
)

MOST_ANSWERS = 1_000
"""States times companies of one row."""

NPN, STATES = COLUMNS["npn"].header, COLUMNS["states"].header

extend(
    (
        entry(
            "APP-E001",
            Scope.VALUES,
            "Producer not on file",
            "No producer of yours has the NPN {value}.",
            "Onboard the producer first, or use the NPN of one who is on file.",
        ),
        entry(
            "APP-E002",
            Scope.VALUES,
            "Producer not synced",
            "The producer with the NPN {value} has not been synced well with the registry, so nobody knows "
            "which licenses there are.",
            "See on the producer's page why, sync again, then check again.",
        ),
        entry(
            "APP-E003",
            Scope.VALUES,
            "Producer not active",
            "The producer with the NPN {value} is not active: the registry is not asked about changes.",
            "Make the producer active first.",
        ),
        entry(
            "APP-E004",
            Scope.ROWS,
            "County missing",
            "{state} needs a county, and none is named.",
            "Fill in County.",
        ),
        entry(
            "APP-E005",
            Scope.ROWS,
            "Appointment type missing or wrong",
            "{state} needs one of these types: {types}.",
            "Fill in SC Appointment Type with one of them.",
        ),
        entry(
            "APP-E006",
            Scope.VALUES,
            "Date refused",
            "{state} does not take the effective date {value}: {why}.",
            "Use a date that the state takes, or leave Effective Date blank for the day of filing.",
        ),
        entry(
            "APP-E007",
            Scope.VALUES,
            "Neither category nor line",
            "“{value}” is neither an LOA category nor a line of authority of {states}.",
            "Use one of the accepted values, or a line as the state's business rules name it.",
        ),
        entry(
            "APP-E008",
            Scope.ROWS,
            "Producer changed meanwhile",
            "The producer was removed, or ceased to be active or synced, after the row was checked.",
            "Check again.",
        ),
        entry(
            "APP-E009",
            Scope.ROWS,
            "Too much in one row",
            "The row asks for {count} answers, a state and company each; at most {most} fit a row.",
            "Spread its states or companies over several rows.",
        ),
        entry(
            "APP-E010",
            Scope.VALUES,
            "Line to leave out not known",
            "“{value}” is no line in which you do business in {states}{near}, so it cannot be left out.",
            "Use the line as your business rules name it, or take it out of Leave Out Lines.",
        ),
        entry(
            "APP-E011",
            Scope.VALUES,
            "Producer was removed",
            "The producer with the NPN {value} was removed.",
            "Add the producer again first, then check again.",
        ),
        entry(
            "APP-W001",
            Scope.ROWS,
            "Date not taken",
            "{state} does not take an effective date: the day on which it processes the filing counts.",
            "Nothing, if that is right.",
        ),
        entry(
            "APP-W002",
            Scope.FILE,
            "Waits for release",
            "Waiting for somebody to release them ({why}): {count} of the filings that ask to be submitted.",
            "Nothing now. Once processed, have them submitted from the list of transactions.",
        ),
        entry(
            "APP-W003",
            Scope.ROWS,
            "Day to come",
            "Nobody has told whether {state} takes an effective date in the future, such as {value}.",
            "See that the date is right. What you know of the state can be set under State rules.",
        ),
        entry(
            "APP-I001",
            Scope.VALUES,
            "Line taken for its category",
            "“{value}” is a line of authority, and is taken for its category: {categories}.",
            "Nothing, if that is right.",
        ),
    )
)
