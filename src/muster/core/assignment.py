"""When an assignment is complete, and when two are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import md5
from typing import Any
from uuid import UUID

PARTS = ("categories", "states", "scorecard_type", "agent_type")


def missing_parts(told: Mapping[str, Any]) -> list[str]:
    """The parts that an assignment still needs; none where nothing of one is told.

    Companies are needed where the scorecard asks for appointments.
    """
    if not any(told.get(part) for part in (*PARTS, "cocodes")):
        return []
    needed = [*PARTS, "cocodes"] if told.get("scorecard_type") == "license_and_appointment" else list(PARTS)
    return [part for part in needed if not told.get(part)]


def identity(
    *,
    categories: Sequence[str],
    states: Sequence[str],
    cocodes: Sequence[str],
    scorecard_type: str,
    agent_type: str,
) -> UUID:
    """The same for the same assignment, in whatever order its lists are written."""
    parts = [
        *(",".join(sorted(set(many))) for many in (categories, states, cocodes)),
        scorecard_type,
        agent_type,
    ]
    return UUID(md5("|".join(parts).encode(), usedforsecurity=False).hexdigest())
