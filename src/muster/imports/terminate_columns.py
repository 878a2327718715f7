"""The columns of upload type Terminate, and the words of what its rows may have wrong."""

from __future__ import annotations

from muster.core.catalogue import Scope, entry
from muster.core.columns import Column, Columns
from muster.core.findings import extend
from muster.core.rules.reasons import termination_reasons
from muster.core.values import clean_cocode, clean_date, clean_npn, clean_state, clean_yes_no, text_of
from muster.core.words import LOA_CATEGORIES, states
from muster.imports.appoint_columns import clean_category_or_line

COLUMNS = Columns(
    [
        Column(
            "npn",
            "Agent NPN",
            aliases=("NPN", "Producer NPN", "National Producer Number"),
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
            "lines",
            "Line of Authority",
            aliases=("Lines of Authority", "LOA", "LOA Category", "LOA Categories"),
            required=True,
            clean=clean_category_or_line,
            choices=LOA_CATEGORIES,
            many=True,
            note="A line as the appointment names it; else an accepted value, for all lines of its kind.",
            width=24,
        ),
        Column(
            "cocodes",
            "Carrier CoCode",
            aliases=("CoCode", "CoCodes", "Carrier CoCode(s)", "NAIC Code"),
            required=True,
            clean=clean_cocode,
            numeric=True,
            many=True,
            note="NAIC company codes, separated by semicolons.",
        ),
        Column(
            "reason",
            "Termination Reason",
            aliases=("Termination Reason Code", "Reason"),
            choices=termination_reasons(),
            note="See the tab termination_reason_key. Blank: your default for the state.",
            width=28,
        ),
        Column(
            "on",
            "Effective Date",
            aliases=("Termination Date",),
            clean=clean_date,
            note="YYYY-MM-DD or MM/DD/YYYY. Blank: the day on which it is filed.",
        ),
        Column("for_cause", "For Cause", clean=clean_yes_no, note="yes: it needs a note."),
        Column("note", "Note", clean=text_of(limit=500), note="Kept with the transactions."),
        Column("name", "Related Producer", clean=text_of(limit=200), note="Who it is, for your own use."),
    ]
)

NPN, STATES, LINES = (COLUMNS[key].header for key in ("npn", "states", "lines"))
COCODES, REASON, ON = (COLUMNS[key].header for key in ("cocodes", "reason", "on"))

extend(
    (
        entry(
            "TERM-E001",
            Scope.VALUES,
            "Producer not on file",
            "No producer of yours has the NPN {value}.",
            "Use the NPN of one who is on file.",
        ),
        entry(
            "TERM-E002",
            Scope.VALUES,
            "Producer not watched",
            "The producer with the NPN {value} is not active: the registry is not asked about changes.",
            "Make the producer active first: else nobody would see whether the appointment has ended.",
        ),
        entry(
            "TERM-E003",
            Scope.ROWS,
            "No such appointment",
            "There is no appointment for {line} with the company {cocode} in {state}.",
            "See on the producer's page which appointments there are.",
        ),
        entry(
            "TERM-E004",
            Scope.VALUES,
            "Line not known",
            "“{value}” is neither an LOA category nor a line of authority of {state}{near}.",
            "Use the line as the appointment names it, or one of the accepted values.",
        ),
        entry(
            "TERM-E005",
            Scope.ROWS,
            "Reason not accepted",
            "{state} does not take the reason “{reason}”. It takes: {accepted}.",
            "Use one of them.",
        ),
        entry(
            "TERM-E006",
            Scope.ROWS,
            "Reason missing",
            "{state} needs a reason, none is named, and you have no default for it. It takes: {accepted}.",
            "Fill in Termination Reason, or have an Agency Admin set a default for the state.",
        ),
        entry(
            "TERM-E007",
            Scope.ROWS,
            "Date refused",
            "{state} does not take the date {value}: {why}.",
            "Use a date that the state takes, or leave Effective Date blank for the day of filing.",
        ),
        entry(
            "TERM-E008",
            Scope.ROWS,
            "Note missing",
            "An end for cause needs a note, and there is none.",
            "Say in Note what happened, or empty For Cause.",
        ),
        entry(
            "TERM-E009",
            Scope.ROWS,
            "Changed meanwhile",
            "The producer, or one of the appointments, changed after the row was checked.",
            "Check again.",
        ),
        entry(
            "TERM-W001",
            Scope.ROWS,
            "Ended already",
            "The appointment for {line} with the company {cocode} in {state} has ended{day}.",
            "Nothing: it does not end twice.",
        ),
        entry(
            "TERM-W002",
            Scope.ROWS,
            "Being ended already",
            "The appointment for {line} with the company {cocode} in {state} is being ended{number}.",
            "Nothing: it does not end twice.",
        ),
        entry(
            "TERM-W003",
            Scope.ROWS,
            "Date not taken",
            "{state} does not take the date of an end: the day on which it processes the filing counts.",
            "Nothing, if that is right.",
        ),
    )
)
