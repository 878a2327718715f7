"""The health of appointments in words."""

from __future__ import annotations

from muster.core.health import RISK_WORDS


def risk_words(risk: str) -> str:
    """The reason in words; one that is not known here stands as it is written."""
    return RISK_WORDS.get(risk, risk.replace("_", " "))
