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
    )
)
