"""The columns of upload type Terminate."""

from __future__ import annotations

from muster.core.columns import Column, Columns
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
COCODES, REASON, ON, NAME = (COLUMNS[key].header for key in ("cocodes", "reason", "on", "name"))
