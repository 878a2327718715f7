"""Reading what producers say of themselves, and who may read it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import F

from muster.access.permissions import Permission, Role, allows
from muster.access.queries import members_who_may
from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.core.profile import QUESTIONS, Gap, Job, gaps
from muster.producers.models import Producer
from muster.profiles.models import BackgroundAnswer, Document, Employment, OwnContact

MOST_LOOKS = 20
"""So many of the last looks at a producer's SSN and documents are told."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A background question with its answer, None where there is none yet."""

    code: str
    text: str
    answer: BackgroundAnswer | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a producer says of themselves; `contact` is None before they said anything of it."""

    contact: OwnContact | None
    employments: list[Employment]
    gaps: list[Gap]
    background: list[Asked]

    @property
    def unanswered(self) -> int:
        """How many background questions have no answer."""
        return sum(asked.answer is None for asked in self.background)

    @property
    def is_empty(self) -> bool:
        """Whether they have said nothing yet."""
        return not (self.contact or self.employments or self.unanswered < len(self.background))


def kept_of(producer: Producer, *, today: date) -> Kept:
    """All that a producer, who has been read through a seat or `visible_to`, says; three queries."""
    employments = list(
        Employment.objects.filter(producer=producer).order_by(
            F("ends_on").desc(nulls_first=True), "-starts_on", "id"
        )
    )
    answers = {
        answer.question: answer
        for answer in BackgroundAnswer.objects.filter(producer=producer).select_related("document")
    }
    return Kept(
        OwnContact.objects.filter(producer=producer).first(),
        employments,
        gaps([Job(one.starts_on, one.ends_on) for one in employments], today),
        [Asked(code, text, answers.get(code)) for code, text in QUESTIONS.items()],
    )


def documents_of(producer: Producer) -> list[Document]:
    """A producer's documents without their bytes, the newest first; one query."""
    return list(Document.objects.filter(producer=producer).order_by("-id"))


@dataclass(frozen=True, slots=True)
class Readers:
    """How many people of a role may read of a producer, and how many of these may open the SSN."""

    role: Role
    people: int
    may_see_ssn: int


def readers_of(producer: Producer) -> list[Readers]:
    """Who in the organization may read of a producer, by role; those of other agencies are left out."""
    people: Counter[Role] = Counter()
    may_see_ssn: Counter[Role] = Counter()
    members = members_who_may(producer.organization_id, Permission.READ)
    for role, can_see_ssn, agencies in members.values_list("role", "can_see_ssn", "agency_ids"):
        if agencies is None or producer.agency_id in agencies:
            people[Role(role)] += 1
            may_see_ssn[Role(role)] += allows(Role(role), Permission.SEE_SSN, can_see_ssn=can_see_ssn)
    return [Readers(role, people[role], may_see_ssn[role]) for role in Role if people[role]]


def looks_at(producer: Producer, *, besides: int) -> list[Event]:
    """When somebody besides this person opened the producer's SSN or a document, the newest first."""
    kinds = [EventKind.SSN_REVEALED, EventKind.DOCUMENT_READ]
    events = Event.objects.filter(
        organization_id=producer.organization_id, subject=f"producer:{producer.pk}", kind__in=kinds
    )
    return list(events.exclude(by_id=besides).select_related("by").order_by("-id")[:MOST_LOOKS])
