"""The lists of transactions and batches in the address bar: what a query asks for, and links to others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.http import QueryDict

from muster.console.lists.address import choice_in, choices_in, search_in, state_in, text_in, written
from muster.console.lists.asking import asking, heeding, question_in
from muster.console.lists.links import Chip, chips_of, quoted
from muster.core.eligibility import REASON_LABELS
from muster.core.table import EVERYTHING, Question
from muster.core.transactions import (
    AT_THE_REGISTRY,
    BATCH_LABELS,
    STATUS_LABELS,
    BatchState,
    Status,
    TransactionKind,
    batch_number_told,
    number_read,
)
from muster.core.values import clean_npn
from muster.core.words import states
from muster.reports.subjects.transactions import TRANSACTIONS
from muster.transactions.batches import BatchSelection
from muster.transactions.queries import (
    DATED,
    DEFAULT_ORDER,
    DUE_SOON,
    DUES,
    ORDERS,
    OVERDUE,
    QUEUED,
    RELEASES,
    UNRELEASED,
    Capped,
    Selection,
)

LONGEST_COCODE = 5
YES = "yes"

ORDER_LABELS = {"-added": "Newest first", "added": "Oldest first", "state": "State"}
KIND_LABELS = {
    TransactionKind.APPOINTMENT.value: "Appointments",
    TransactionKind.TERMINATION.value: "Terminations",
    TransactionKind.LICENSE.value: "New licenses",
    TransactionKind.RENEWAL.value: "License renewals",
}
RELEASE_LABELS = {QUEUED: "Queued for the registry", UNRELEASED: "Not submitted yet"}
DUE_LABELS = {DATED: "With a deadline", DUE_SOON: "Due within 14 days", OVERDUE: "Overdue"}

TABS: Mapping[str, tuple[Status, ...]] = {
    "All": (),
    "Ready to submit": (Status.READY,),
    "Held": (Status.HELD,),
    "At the registry": tuple(one for one in AT_THE_REGISTRY if one is not Status.ACTION_REQUIRED),
    "Action required": (Status.ACTION_REQUIRED,),
    "Rejected": (Status.REJECTED,),
    "Not eligible": (Status.NOT_ELIGIBLE,),
    "Done": (Status.ACCEPTED, Status.RECORDED),
    "Closed": (Status.CANCELED, Status.CLOSED),
}
"""The statuses that are looked at together."""


@dataclass(frozen=True, slots=True)
class Asked(Selection):
    """What is asked of the list: its own filters, and the question beside them."""

    question: Question = EVERYTHING
    refused: tuple[str, ...] = ()

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return super(Asked, self).narrows or self.question.narrows or bool(self.refused)


def selection_of(query: QueryDict) -> Asked:
    """What the query asks for. A value that means nothing here is refused."""
    question, refused = question_in(query, TRANSACTIONS)
    asked = Asked(
        search=search_in(query),
        statuses=choices_in(query, "status", [status.value for status in Status]),
        reason=choice_in(query, "reason", REASON_LABELS),
        state=state_in(query),
        cocode=_cocode(query.get("company", "").strip()),
        kind=choice_in(query, "kind", KIND_LABELS),
        producer=_npn(query.get("producer", "")),
        batch=number_read(query.get("batch", "")),
        operation=_operation(query.get("operation", "")),
        mine=query.get("mine") == YES,
        released=choice_in(query, "queue", RELEASES),
        due=choice_in(query, "due", DUES),
        order=choice_in(query, "sort", ORDERS, DEFAULT_ORDER),
        question=replace(question, mine=False),
        refused=refused,
    )
    return heeding(
        asked,
        query,
        query_of,
        "status",
        "reason",
        "state",
        "company",
        "kind",
        "producer",
        "batch",
        "operation",
        "queue",
        "due",
    )


def _cocode(asked: str) -> str:
    is_cocode = asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_COCODE
    return asked.zfill(LONGEST_COCODE) if is_cocode else ""


def _npn(asked: str) -> str:
    return clean_npn(asked)[0] or "" if asked else ""


def _operation(asked: str) -> UUID | None:
    try:
        return UUID(asked)
    except ValueError:
        return None


def query_of(selection: Selection, /, **places: str | None) -> str:
    """The query that asks for the selection, with its question mark."""
    asked = {
        "q": selection.search,
        "status": selection.statuses,
        "reason": selection.reason,
        "state": selection.state,
        "company": selection.cocode,
        "kind": selection.kind,
        "producer": selection.producer,
        "batch": batch_number_told(selection.batch) if selection.batch is not None else "",
        "operation": selection.operation,
        "mine": YES if selection.mine else "",
        "queue": selection.released,
        "due": selection.due,
        "sort": selection.order,
        **asking(selection),
    }
    return written(asked, {"sort": DEFAULT_ORDER}, **places)


def chips(selection: Selection) -> list[Chip]:
    """The filters that are on, each with a way to take it off."""
    return chips_of(
        selection,
        query_of,
        search=quoted,
        statuses=lambda status: STATUS_LABELS[Status(status)],
        reason=REASON_LABELS.__getitem__,
        state=states().__getitem__,
        cocode="CoCode {}".format,
        kind=KIND_LABELS.__getitem__,
        producer="NPN {}".format,
        batch=batch_number_told,
        operation=lambda _: "Of one request",
        mine=lambda _: "Prepared by me",
        released=RELEASE_LABELS.__getitem__,
        due=DUE_LABELS.__getitem__,
    )


@dataclass(frozen=True, slots=True)
class Tab:
    """Statuses at one click: how many transactions are in them, and whether the list shows these."""

    label: str
    url: str
    count: int
    is_more: bool
    on: bool


def tabs(selection: Selection, counts: Mapping[Status, Capped]) -> list[Tab]:
    """The statuses that the list can be narrowed to, with everything else as it is asked for."""
    found = []
    for label, statuses in TABS.items():
        of = [counts[status] for status in statuses or Status]
        names = tuple(status.value for status in statuses)
        # What is asked of those that wait means nothing for others.
        asked = replace(selection, statuses=names, released="", due="")
        found.append(
            Tab(
                label,
                query_of(asked),
                sum(of),
                any(count.is_more for count in of),
                selection.statuses == names and not selection.due,
            )
        )
    return found


_BATCH_LABELS = {state.value: label for state, label in BATCH_LABELS.items()}


def batch_selection_of(query: QueryDict) -> BatchSelection:
    """What the query asks of the list of batches."""
    return BatchSelection(
        search=search_in(query),
        state=text_in(query, "state"),
        mine=query.get("mine") == YES,
    )


def batch_query_of(selection: BatchSelection, /, **places: str | None) -> str:
    """The query that asks for these batches, with its question mark."""
    asked = {"q": selection.search, "state": selection.state, "mine": YES if selection.mine else ""}
    return written(asked, **places)


def batch_chips(selection: BatchSelection) -> list[Chip]:
    """The filters of the list of batches that are on."""
    return chips_of(
        selection,
        batch_query_of,
        search=quoted,
        state=lambda state: {one.value: label for one, label in BATCH_LABELS.items()}.get(
            state, quoted(state)
        ),
        mine=lambda _: "Prepared by me",
    )


def batch_tabs(selection: BatchSelection, counts: Mapping[BatchState, Capped]) -> list[Tab]:
    """The states that the list of batches can be narrowed to."""
    everything = [counts[state] for state in BatchState]
    found = [
        Tab(
            "All",
            batch_query_of(replace(selection, state="")),
            sum(everything),
            any(count.is_more for count in everything),
            not selection.state,
        )
    ]
    return found + [
        Tab(
            label,
            batch_query_of(replace(selection, state=state.value)),
            counts[state],
            counts[state].is_more,
            selection.state == state,
        )
        for state, label in BATCH_LABELS.items()
    ]
