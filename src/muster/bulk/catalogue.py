"""The kernel's own findings."""

from __future__ import annotations

from muster.core.catalogue import Scope, entry
from muster.core.findings import extend

extend(
    (
        entry(
            "ROW-E901",
            Scope.ROWS,
            "Refused by the database",
            "The row could not be written: it breaks the rule “{constraint}”. Nothing of it was kept.",
            "Check the row, then try the failed rows again; if it stays, tell your administrator the rule.",
        ),
        entry(
            "ROW-E902",
            Scope.VALUES,
            "Rows contradict each other",
            "{field} is given differently for {key} in this file (see row {twin}).",
            "Decide which is right, and give the same value in each row about {key}.",
        ),
        entry(
            "UPD-E001",
            Scope.ROWS,
            "Nothing chosen yet",
            "Nobody has said yet what is to be changed.",
            "Choose what to set, on this page.",
        ),
        entry(
            "UPD-E002",
            Scope.ROWS,
            "Already so",
            "It has this value already.",
            "Nothing: it stays as it is.",
        ),
        entry(
            "UPD-E003",
            Scope.ROWS,
            "Changed since",
            "Somebody has set something else since, so it is not taken back.",
            "Open the record and set it by hand, if that is right.",
        ),
        entry(
            "UPD-E004",
            Scope.ROWS,
            "Too late to take back",
            "What was set more than a day ago is not taken back.",
            "Update the records to the value that you want.",
        ),
    )
)
