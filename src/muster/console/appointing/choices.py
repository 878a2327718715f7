"""What a person has picked on the page Appoint, and the requests that it comes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.http import QueryDict
from django.urls import reverse

from muster.console.lists.address import choice_in, choices_in, written
from muster.core.lines import folded
from muster.core.words import AGENT_TYPES, LOA_CATEGORIES, states
from muster.imports.appoint_columns import APPOINTMENT_TYPES
from muster.imports.requesting import AppointmentRequest

LONGEST = 200
"""No text of the form is longer; what is, is cut."""


LONGEST_COUNTY = 60
LONGEST_COCODE = 5


class Place(NamedTuple):
    """A line, by its name, in a state for a company."""

    state: str
    cocode: str
    line: str

    @property
    def value(self) -> str:
        """As a check box carries it."""
        return "|".join(self)


@dataclass(frozen=True, slots=True)
class Choices:
    """What is picked. `strangers` are CoCodes that are asked for and that no company has."""

    states: tuple[str, ...] = ()
    cocodes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    agent_type: str = "producer"
    effective_on: str = ""
    county: str = ""
    appointment_type: str = ""
    submit: bool = False
    submit_just_in_time: bool = False
    left_out: frozenset[Place] = frozenset()
    strangers: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        """What is still to be picked before anything can be told."""
        picked = {"states": self.states, "companies": self.cocodes, "LOA categories": self.categories}
        return [name for name, values in picked.items() if not values]

    def left_out_in(self, state: str, cocode: str) -> dict[str, str]:
        """The names of the lines that are left out there, by what they are compared as."""
        places = sorted(one for one in self.left_out if (one.state, one.cocode) == (state, cocode))
        return {folded(one.line): one.line for one in places}


def choices_in_form(query: QueryDict, cocodes: Collection[str]) -> Choices:
    """What a form or an address asks for; what means nothing here is passed over.

    `cocodes` are those of the organization's companies, in their order.
    """
    asked = choices_in(query, "company", cocodes)
    return Choices(
        states=choices_in(query, "state", states()),
        cocodes=asked,
        categories=choices_in(query, "category", LOA_CATEGORIES),
        agent_type=choice_in(query, "agent_type", AGENT_TYPES, "producer"),
        effective_on=_text(query, "effective_on"),
        county=_text(query, "county")[:LONGEST_COUNTY],
        appointment_type=choice_in(query, "appointment_type", APPOINTMENT_TYPES),
        submit="submit" in query,
        submit_just_in_time="submit_just_in_time" in query,
        left_out=frozenset(_places(query.getlist("left_out"))),
        strangers=tuple(dict.fromkeys(one for one in query.getlist("company") if _is_stranger(one, asked))),
    )


def _is_stranger(cocode: str, known: Collection[str]) -> bool:
    return cocode not in known and cocode.isascii() and cocode.isdigit() and len(cocode) == LONGEST_COCODE


def _text(query: QueryDict, name: str) -> str:
    return query.get(name, "").strip()[:LONGEST]


def _places(values: Iterable[str]) -> Iterable[Place]:
    for value in values:
        state, cocode, line = [*value.split("|", 2), "", ""][:3]
        if line:
            yield Place(state, cocode, line[:LONGEST])


def requests_of(choices: Choices, *, npn: str) -> list[AppointmentRequest]:
    """The requests that the choices come to: one, unless lines are left out here and not there."""
    if choices.missing:
        return []
    by_answer: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for state in choices.states:
        companies: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for cocode in choices.cocodes:
            companies[tuple(choices.left_out_in(state, cocode).values())].append(cocode)
        for lines_left_out, some in companies.items():
            by_answer[tuple(some), lines_left_out].append(state)
    return [
        AppointmentRequest(
            npn=npn,
            states=in_states,
            cocodes=cocodes,
            categories=choices.categories,
            agent_type=choices.agent_type,
            submit=choices.submit,
            submit_just_in_time=choices.submit_just_in_time,
            county=choices.county,
            appointment_type=choices.appointment_type,
            effective_on=choices.effective_on,
            left_out=left_out,
        )
        for (cocodes, left_out), in_states in by_answer.items()
    ]


def appoint_url(
    npn: str,
    *,
    states: Collection[str] = (),
    cocodes: Collection[str] = (),
    categories: Collection[str] = (),
    agent_type: str = "",
) -> str:
    """The page Appoint of a producer, with this picked."""
    asked = {"state": tuple(states), "company": tuple(cocodes), "category": tuple(categories)}
    query = written({**asked, "agent_type": agent_type}, {"agent_type": "producer"})
    return reverse("appoint", args=[npn]) + (query if len(query) > 1 else "")
