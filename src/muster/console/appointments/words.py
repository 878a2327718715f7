"""The health of appointments in words."""

from __future__ import annotations

from collections.abc import Mapping

from muster.core.health import Risk

RISK_WORDS: Mapping[str, str] = {
    Risk.LICENSE_MISSING: "No license in the state",
    Risk.LICENSE_INACTIVE: "License inactive",
    Risk.LICENSE_EXPIRED: "License expired",
    Risk.LINE_LOST: "Line of authority lost",
    Risk.ENDED_BY_STATE: "Ended by the state",
    Risk.REGULATORY_ACTION: "Regulatory action",
}
"""Why an appointment is at risk, in the order in which reasons are told."""


def risk_words(risk: str) -> str:
    """The reason in words; one that is not known here stands as it is written."""
    return RISK_WORDS.get(risk, risk.replace("_", " "))
