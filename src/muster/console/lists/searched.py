"""Lists that have a search and no filters of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import QueryDict

from muster.console.lists.address import search_in, written
from muster.console.lists.asking import asking, question_in
from muster.console.lists.links import Chip, chips_of, quoted
from muster.core.table import EVERYTHING, Question
from muster.reports.subject import Subject


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the list: a search, and the question beside it."""

    search: str = ""
    question: Question = EVERYTHING
    refused: tuple[str, ...] = ()

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.search or self.question.narrows or self.refused)


def asked_reader(subject: Subject) -> Callable[[QueryDict], Asked]:
    """What reads a query that asks a list of this subject."""

    def asked_of(query: QueryDict) -> Asked:
        question, refused = question_in(query, subject)
        return Asked(search_in(query), question, refused)

    return asked_of


def query_of(asked: Asked, /, **places: str | None) -> str:
    """The query that asks so, with its question mark."""
    return written({"q": asked.search, **asking(asked)}, **places)


def chips(asked: Asked) -> list[Chip]:
    """The search that is on, with a way to take it off."""
    return chips_of(asked, query_of, search=quoted)
