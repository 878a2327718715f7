"""Gaps and assignments in words."""

from __future__ import annotations

from collections.abc import Mapping

from muster.assignments.models import Assignment
from muster.core.scorecard import GapKind
from muster.core.words import AGENT_TYPES, LOA_CATEGORIES, SCORECARD_TYPES

GAP_WORDS: Mapping[GapKind, str] = {
    GapKind.NOT_SYNCED: "Not synced yet",
    GapKind.LICENSE_MISSING: "No license",
    GapKind.LICENSE_INACTIVE: "License inactive",
    GapKind.LICENSE_EXPIRED: "License expired",
    GapKind.LINE_MISSING: "Line missing",
    GapKind.LINE_INACTIVE: "Line inactive",
    GapKind.APPOINTMENT_MISSING: "Not appointed",
    GapKind.APPOINTMENT_ENDED: "Appointment ended",
}


def what_is_sold(assignment: Assignment) -> str:
    """The categories of an assignment: "Life, Health"."""
    return ", ".join(LOA_CATEGORIES.get(one, one) for one in assignment.categories)


def what_is_asked(assignment: Assignment) -> str:
    """What an assignment asks for: "as Producer · License and Appointment · 12345, 23456"."""
    agent_type = AGENT_TYPES.get(assignment.agent_type, assignment.agent_type)
    asked = SCORECARD_TYPES.get(assignment.scorecard_type, assignment.scorecard_type)
    companies = ", ".join(assignment.cocodes)
    return " · ".join(filter(None, (f"as {agent_type.lower()}", asked.lower(), companies)))
