"""Gaps and assignments in words."""

from __future__ import annotations

from muster.assignments.models import Assignment
from muster.core.words import AGENT_TYPES, LOA_CATEGORIES, SCORECARD_TYPES


def what_is_sold(assignment: Assignment) -> str:
    """The categories of an assignment: "Life, Health"."""
    return ", ".join(LOA_CATEGORIES.get(one, one) for one in assignment.categories)


def what_is_asked(assignment: Assignment) -> str:
    """What an assignment asks for: "as Producer · License and Appointment · 12345, 23456"."""
    agent_type = AGENT_TYPES.get(assignment.agent_type, assignment.agent_type)
    asked = SCORECARD_TYPES.get(assignment.scorecard_type, assignment.scorecard_type)
    companies = ", ".join(assignment.cocodes)
    return " · ".join(filter(None, (f"as {agent_type.lower()}", asked.lower(), companies)))
