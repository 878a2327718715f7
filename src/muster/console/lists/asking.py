"""What is asked of a list beside its own filters: columns, conditions, groups, in the address like all else.

A list's `Asked` is its selection with a `Question`; see `muster.core.table`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from django.db.models import QuerySet
from django.http import QueryDict

from muster.access.models import Membership
from muster.console.lists.links import Chip, QueryOf
from muster.core.table import EVERYTHING, Question, Reading, say_condition, write_question
from muster.reports.subject import Subject

EMPTY: Mapping[str, str] = MappingProxyType({})

A = TypeVar("A", bound=Any)


class Asks(Protocol):
    """A selection of a list, and the question beside it; `refused` says what of it meant nothing."""

    @property
    def question(self) -> Question: ...

    @property
    def refused(self) -> tuple[str, ...]: ...


def question_in(query: QueryDict, subject: Subject) -> Reading:
    """The question that the query asks; a list is ordered by its own orders."""
    return subject.read({name: query.getlist(name) for name in query}, sortable=())


def heeding(
    asked: A, query: QueryDict, query_of: QueryOf[A], *names: str, otherwise: Mapping[str, str] = EMPTY
) -> A:
    """The selection, with a refusal for each of these filters of the query that it passed over.

    A value that means nothing must not ask for everything: all that match may be acted on. `otherwise` are
    the values that a filter has where the query names none, which are not written.
    """
    heeded = QueryDict(query_of(asked).removeprefix("?"))
    lost = [
        name
        for name in names
        if len(heeded.getlist(name)) < len({one for one in query.getlist(name) if one.strip()})
        and query.get(name) != otherwise.get(name)
    ]
    told = [
        f"The address asks for {name} “{query.get(name, '')[:40]}”, which means nothing here. "
        f"Choose anew among the filters."
        for name in lost
    ]
    unread = tuple((name, one) for name in lost for one in query.getlist(name))
    question = replace(asked.question, unread=(*asked.question.unread, *unread))
    return replace(asked, question=question, refused=(*asked.refused, *told)) if told else asked


def asking(selection: object) -> Mapping[str, Any]:
    """The parameters that ask the question of a selection, for `address.written`."""
    return write_question(getattr(selection, "question", EVERYTHING))


def question_chips(selection: Any, query_of: QueryOf[Any], subject: Subject) -> list[Chip]:
    """The conditions that are on, each with a way to take it off."""
    question: Question = getattr(selection, "question", EVERYTHING)
    found = []
    for one in question.where:
        rest = tuple(other for other in question.where if other != one)
        label = say_condition(one, subject.terms[one.field])
        found.append(Chip(label, query_of(replace(selection, question=replace(question, where=rest)))))
    if question.mine:
        without = replace(selection, question=replace(question, mine=False))
        found.append(Chip(subject.mine_label.capitalize(), query_of(without)))
    return found


class Narrowing:
    """Narrows rows by a question. With a condition that was refused nothing is found: too much never is."""

    def __init__(self, subject: Subject, asked: Asks, member: Membership) -> None:
        self._subject, self._asked, self._member = subject, asked, member

    def __call__(self, rows: Any) -> Any:
        """Those of the rows, which are the subject's or stand for them by their keys."""
        if self._asked.refused:
            return rows.none()
        question = self._asked.question
        if not question.narrows:
            return rows
        if rows.model is self._subject.rows(self._member).model:
            return self._subject.asked_for(rows, question, self._member)
        of: QuerySet[Any] = self._subject.rows(self._member)
        return rows.filter(pk__in=self._subject.asked_for(of, question, self._member).order_by().values("pk"))
