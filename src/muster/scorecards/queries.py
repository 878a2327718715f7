"""Reading scorecards: live for one producer, as kept for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.assignments.models import Assignment
from muster.core.health import Health, judge_appointments
from muster.core.scorecard import GapKind, HeldLine, Verdict, Wanted, judge, unplaced_lines
from muster.lists.keyset import Narrow, Order, Page, all_of, page_of
from muster.producers.models import Producer
from muster.producers.queries import UNSEEN_OF_PRODUCER, of_producers_found
from muster.scorecards.facts import known_of
from muster.scorecards.models import Gap, Scorecard

PAGE = 50
WORST_FIRST = Order(("percent", "assignment_id"))


@dataclass(frozen=True, slots=True)
class Card:
    """An assignment with its verdict; `unplaced` are held lines in its states that no category claims."""

    assignment: Assignment
    verdict: Verdict
    unplaced: list[tuple[str, HeldLine]] = field(default_factory=list)


class Judged(NamedTuple):
    """What is judged of one producer: the assignments, and each appointment's health by its id."""

    cards: list[Card]
    healths: dict[int, Health]


class StateGap(NamedTuple):
    """In how many assignments a state has this gap."""

    state: str
    kind: GapKind
    assignments: int


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of the list of scorecards. Empty means: all of them, the worst first.

    `search` is what a person typed: the beginning of an NPN, or of words of the name.
    """

    search: str = ""
    state: str = ""
    gap: str = ""

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.search.strip() or self.state or self.gap)


class Standing(NamedTuple):
    """How many assignments are ready, how many judged ones are not, and how many wait to be judged."""

    ready: int
    with_gaps: int
    waiting: int


def judged_now(producer: Producer, *, today: date) -> Judged:
    """All that is judged of a producer who was read through `visible_to`, as of `today`. Four queries."""
    facts = known_of({producer.pk: producer.synced_at is not None})[producer.pk].facts
    cards = [
        Card(
            assignment,
            judge(wanted_of(assignment), facts, today=today),
            unplaced_lines(facts, states=assignment.states, today=today),
        )
        for assignment in Assignment.objects.filter(producer=producer).order_by("id")
    ]
    healths = judge_appointments(facts.appointments, facts.licenses, facts.actions, today=today)
    return Judged(cards, {one.id: health for one, health in zip(facts.appointments, healths, strict=True)})


def wanted_of(assignment: Assignment) -> Wanted:
    """What the assignment asks for."""
    return Wanted(*(getattr(assignment, name) for name in Wanted._fields))


def gaps_by_state(member: Membership) -> list[StateGap]:
    """Which gaps the organization's assignments have in which states, those of most assignments first."""
    rows = _gaps(member).values_list("state", "kind").annotate(assignments=Count("id"))
    return [
        StateGap(state, GapKind(kind), assignments)
        for state, kind, assignments in rows.order_by("-assignments", "state", "kind")
    ]


def counts_by_state(member: Membership, *, gap: str = "") -> dict[str, int]:
    """In how many assignments each state has the gap, or any."""
    return _counted(_gaps(member).filter(**({"kind": gap} if gap else {})), "state", is_exact=bool(gap))


def counts_by_gap(member: Membership, *, state: str = "") -> dict[str, int]:
    """How many assignments have each gap in the state, or in any."""
    return _counted(_gaps(member).filter(**({"state": state} if state else {})), "kind", is_exact=bool(state))


def _counted(gaps: OrganizationQuerySet, by: str, *, is_exact: bool) -> dict[str, int]:
    # A scorecard has a gap of a kind in a state once, so that only the wider counts must tell them apart.
    counted = Count("id") if is_exact else Count("scorecard_id", distinct=True)
    return dict(gaps.order_by().values_list(by).annotate(counted).order_by(by))


def _gaps(member: Membership) -> OrganizationQuerySet:
    gaps: OrganizationQuerySet = Gap.objects.visible_to(member, Permission.READ)
    return gaps


def standing(member: Membership) -> Standing:
    """How many assignments are ready, are not, or wait to be judged. Two queries."""
    cards = Scorecard.objects.visible_to(member, Permission.READ).aggregate(
        judged=Count("assignment_id"),
        ready=Count("assignment_id", filter=Q(percent=100, lines__gt=0)),
        with_gaps=Count("assignment_id", filter=Q(percent__lt=100)),
    )
    assignments = Assignment.objects.visible_to(member, Permission.READ).count()
    return Standing(cards["ready"], cards["with_gaps"], max(0, assignments - cards["judged"]))


def scorecard_page(
    member: Membership,
    selection: Selection,
    *,
    after: str = "",
    before: str = "",
    size: int = PAGE,
    narrow: Narrow = all_of,
) -> tuple[Sequence[Scorecard], Page]:
    """One page of the scorecards, the worst first, each with its producer, assignment and `gaps`."""
    everything: OrganizationQuerySet = Scorecard.objects.visible_to(member, Permission.READ)
    page = page_of(
        narrow(matching(member, selection)),
        among=everything,
        order=WORST_FIRST,
        size=size,
        after=after,
        before=before,
    )
    found = {
        card.pk: card
        for card in everything.filter(pk__in=page.keys)
        .select_related("producer__agency", "assignment")
        .defer(*UNSEEN_OF_PRODUCER)
        .prefetch_related(Prefetch("gaps", Gap.objects.order_by("state", F("lines").desc(), "kind")))
    }
    # One that was removed since is left out.
    return [found[key] for key in page.keys if key in found], page


def lacking_appointments(member: Membership, selection: Selection) -> OrganizationQuerySet:
    """The scorecards of the selection that lack nothing but an appointment somewhere, in any order."""
    return matching(member, replace(selection, gap=GapKind.APPOINTMENT_MISSING.value))


def count_lacking_appointments(member: Membership, selection: Selection, *, most: int) -> int:
    """In how many states the scorecards of the selection lack but an appointment; counted up to `most`."""
    gaps = _gaps(member).filter(
        kind=GapKind.APPOINTMENT_MISSING.value,
        scorecard__in=lacking_appointments(member, selection).values("pk"),
        **({"state": selection.state} if selection.state else {}),
    )
    return gaps.order_by()[:most].count()


def matching(member: Membership, selection: Selection) -> OrganizationQuerySet:
    """The scorecards that the selection asks for, in any order."""
    cards: OrganizationQuerySet = Scorecard.objects.visible_to(member, Permission.READ)
    asked = {"state": selection.state, "kind": selection.gap}
    if narrowed := {name: value for name, value in asked.items() if value}:
        gaps = _gaps(member).filter(scorecard_id=OuterRef("assignment_id"), **narrowed)
        cards = cards.filter(Exists(gaps))
    return of_producers_found(cards, member, selection.search)
