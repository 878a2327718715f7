"""The health of appointments in words."""

from __future__ import annotations

from collections.abc import Mapping

from muster.core.health import Risk

RISK_WORDS: Mapping[str, str] = {
    Risk.LICENSE_MISSING: "No license in the state",
    Risk.LICENSE_INACTIVE: "License inactive",
    Risk.LICENSE_EXPIRED: "License expired",
    Risk.LINE_LOST: "Line of authority lost",
    Risk.ENDED_BY_STATE: "Ended in the last 90 days",
    Risk.REGULATORY_ACTION: "Regulatory action",
}
"""Why an appointment is told of, in the order in which reasons are told.

All but `ENDED_BY_STATE` put one at risk that is in force; why one ended, the state says in its own words.
"""


def risk_words(risk: str) -> str:
    """The reason in words; one that is not known here stands as it is written."""
    return RISK_WORDS.get(risk, risk.replace("_", " "))
