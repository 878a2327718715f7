"""Writing what producers say of themselves; every change is history. The seat is the right to do it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import transaction

from muster.core.profile import QUESTIONS
from muster.history.context import changing
from muster.history.models import Source
from muster.portals.models import PortalUser
from muster.profiles.models import BackgroundAnswer, Document, Employment, OwnContact


class Answer(NamedTuple):
    """An answer to a background question; a yes has an explanation, and may have a document."""

    is_yes: bool
    explanation: str = ""
    document: Document | None = None


def save_contact(*, by: PortalUser, told: Mapping[str, Any]) -> None:
    """Keep how the producer wants to be reached; `told` has the fields of `OwnContact`, cleaned."""
    with _telling(by):
        OwnContact.objects.update_or_create(
            producer_id=by.producer_id, defaults={"organization_id": by.organization_id, **told}
        )


def save_employment(*, by: PortalUser, told: Mapping[str, Any], employment: Employment | None = None) -> None:
    """Add an entry of the history, or change one; `told` has the fields of `Employment`, cleaned."""
    entry = employment or Employment(organization_id=by.organization_id, producer_id=by.producer_id)
    for name, value in told.items():
        setattr(entry, name, value)
    with _telling(by):
        entry.save()


def delete_employment(*, by: PortalUser, employment: Employment) -> None:
    """Take an entry out of the history."""
    with _telling(by):
        employment.delete()


def save_answers(*, by: PortalUser, answers: Mapping[str, Answer]) -> None:
    """Keep answers by the code of their question; those that are not among them stay. One statement."""
    told = [
        BackgroundAnswer(
            organization_id=by.organization_id,
            producer_id=by.producer_id,
            question=question,
            is_yes=answers[question].is_yes,
            explanation=answers[question].explanation if answers[question].is_yes else "",
            document=answers[question].document if answers[question].is_yes else None,
        )
        for question in QUESTIONS
        if question in answers
    ]
    with _telling(by):
        BackgroundAnswer.objects.bulk_create(
            told,
            update_conflicts=True,
            unique_fields=["producer", "question"],
            update_fields=["is_yes", "explanation", "document"],
        )


@contextmanager
def _telling(by: PortalUser) -> Iterator[None]:
    with transaction.atomic(), changing(source=Source.PERSON, by_id=by.user_id):
        yield
