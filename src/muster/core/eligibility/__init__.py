"""May this be filed? Pure decisions over what is known of a producer, a company, and the rules.

`Terms.plan` fans a request out to lines, `judge` gives each line its verdict. The same functions judge one
request on a page, a file of thousands, and a question by the API.
"""

from __future__ import annotations

from muster.core.eligibility.checks import (
    ALREADY_LICENSED,
    ALREADY_RENEWED,
    CHECKS,
    NOT_IN_FORCE,
    OTHER_LABELS,
    REASON_LABELS,
    Check,
    Failure,
    label_of,
    standing_of,
)
from muster.core.eligibility.facts import Appointed, Assigned, License, Opened, Person
from muster.core.eligibility.judge import Verdict, judge
from muster.core.eligibility.plan import Plan, PlannedLine
from muster.core.eligibility.terms import BusinessLine, CompanyState, CompanyTerms, StateRule, Terms

__all__ = [
    "ALREADY_LICENSED",
    "ALREADY_RENEWED",
    "CHECKS",
    "NOT_IN_FORCE",
    "OTHER_LABELS",
    "REASON_LABELS",
    "Appointed",
    "Assigned",
    "BusinessLine",
    "Check",
    "CompanyState",
    "CompanyTerms",
    "Failure",
    "License",
    "Opened",
    "Person",
    "Plan",
    "PlannedLine",
    "StateRule",
    "Terms",
    "Verdict",
    "judge",
    "label_of",
    "standing_of",
]
