"""The health of appointments in words."""

from __future__ import annotations

RISK_WORDS = {
    "license_missing": "No license in the state",
    "license_inactive": "License inactive",
    "license_expired": "License expired",
    "line_lost": "Line of authority lost",
    "ended_by_state": "Ended by the state",
    "regulatory_action": "Regulatory action",
}
"""Why an appointment is at risk, by `muster.core.health.Risk`."""


def risk_words(risk: str) -> str:
    """The reason in words; one that is not known here stands as it is written."""
    return RISK_WORDS.get(risk, risk.replace("_", " "))
