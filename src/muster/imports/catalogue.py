"""What the upload types find beyond their cells."""

from __future__ import annotations

from muster.core.catalogue import Scope, entry
from muster.core.findings import extend
from muster.imports import appoint_columns, terminate_columns  # noqa: F401

extend(
    (
        entry(
            "AGENCY-E001",
            Scope.VALUES,
            "Agency not on file",
            "No agency of yours has the NPN {value}.",
            "Put the agency on file first, or use the NPN of an agency that is.",
        ),
        entry(
            "AGENT-W001",
            Scope.ROWS,
            "Was removed, and is added again",
            "The producer with the NPN {value} was removed on {day}. The row adds the producer again.",
            "Nothing, if that is right. Else take the row out of the file.",
        ),
        entry(
            "ASSIGN-E001",
            Scope.ROWS,
            "Assignment not complete",
            "{field} is empty, but the row has other values of a producer assignment.",
            "Fill in {field}, or empty all assignment columns: LOA Category, States, Scorecard Type, "
            "Agent Type, CoCode.",
        ),
        entry(
            "COMPANY-W001",
            Scope.VALUES,
            "Company not on file",
            "No company of yours has the CoCode {value}. The assignment is kept, and is a gap until one has.",
            "Check the CoCode. If it is right, there is nothing to mend: the row is written with it. An "
            "Agency Admin puts the company on file on the page Companies, by Add company.",
        ),
    )
)
