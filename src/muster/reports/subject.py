"""A subject: what a list or a report is about, and what of it can be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from muster.access.models import Membership
from muster.core.table import Question, Reading, Terms, read_question
from muster.reports.fields import Field, condition

MineOf = Callable[[Membership], Q]


class UnknownSubject(LookupError):
    """There is no such subject."""


@dataclass(frozen=True)
class Subject:
    """What a list or a report is about.

    `rows` are those that a member may read; `columns` are shown where nobody chose others, `filters` are
    offered first. `mine` says which rows are a member's own, `mine_label` how that is told. `target` is what
    its rows are to actions, empty where none acts on them.
    """

    name: str
    label: str
    one: str
    many: str
    rows: Callable[[Membership], QuerySet[Any]]
    fields: tuple[Field, ...]
    columns: tuple[str, ...]
    filters: tuple[str, ...] = ()
    mine: MineOf | None = None
    mine_label: str = ""
    target: str = ""
    summary: str = ""
    by_name: Mapping[str, Field] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {one.name: one for one in self.fields})

    @cached_property
    def terms(self) -> Mapping[str, Terms]:
        """What conditions may say of each field."""
        return {one.name: one.terms for one in self.fields}

    def read(self, asked: Mapping[str, Any], **limits: Any) -> Reading:
        """Read a question from the parameters of an address."""
        found = read_question(asked, self.terms, **limits)
        if self.mine is None and found.question.mine:
            return found._replace(question=replace(found.question, mine=False))
        return found

    def asked_for(self, rows: QuerySet[Any], question: Question, member: Membership) -> QuerySet[Any]:
        """Those of the rows that the question asks for, in no order."""
        if question.mine and self.mine is not None:
            rows = rows.filter(self.mine(member))
        for one in question.where:
            of = self.by_name[one.field]
            rows = rows.alias(**of.aliases).filter(condition(of, one))
        return rows


_subjects: dict[str, Subject] = {}


def register(subject: Subject) -> Subject:
    """Make a subject known. Raises ValueError for a name that is taken."""
    if subject.name in _subjects:
        raise ValueError(f"There is a subject {subject.name} already.")
    _subjects[subject.name] = subject
    return subject


def subjects() -> list[Subject]:
    """All of them, in the order in which they were registered."""
    return list(_subjects.values())


def subject_named(name: str) -> Subject:
    """The subject of that name. Raises UnknownSubject."""
    try:
        return _subjects[name]
    except KeyError:
        raise UnknownSubject(name) from None
