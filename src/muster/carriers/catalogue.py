"""What can be wrong with carriers and settings, beyond a value by itself."""

from __future__ import annotations

from muster.core.catalogue import Scope, entry
from muster.core.findings import extend

extend(
    (
        entry(
            "COMPANY-E001",
            Scope.VALUES,
            "Company not on file",
            "No company of yours has the CoCode {value}.",
            "Check the CoCode. If it is right, an Agency Admin puts the company on file, on the page "
            "Companies or by an import of the type Company; then check the rows again.",
        ),
        entry(
            "RULE-W001",
            Scope.VALUES,
            "Line with and without a license class",
            "“{value}” has a rule for every license class, and one for a single class beside it. While both "
            "are active, a request comes to both.",
            "Say the license class in each row, or make one of the two inactive.",
        ),
        entry(
            "DATE-E005",
            Scope.VALUES,
            "From after To",
            "{field} is {value}, which is after {other}, {last}.",
            "Put the earlier day into {field}, or leave {other} empty where there is no end.",
        ),
    )
)
