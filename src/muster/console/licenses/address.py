"""The list of licenses in the address bar: what its query asks for, and the links of other queries."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.dateformat import format as in_format

from muster.console.lists.address import choice_in, day_in, search_in, state_in, written
from muster.console.lists.asking import asking, heeding, question_in
from muster.console.lists.links import Chip, chips_of, quoted
from muster.core.table import EVERYTHING, Question
from muster.core.words import states
from muster.licenses.models import License
from muster.licenses.queries import ANY, ATTENTION, DEFAULT_ORDER, IN_FORCE, ORDERS, RENEWALS, Selection
from muster.licenses.standing import SOON, Standing
from muster.reports.subjects.licenses import LICENSES

STANDING_LABELS: dict[str, str] = {
    IN_FORCE: "In force",
    RENEWALS: "Upcoming renewals",
    ATTENTION: "Needs attention",
    Standing.EXPIRES_SOON: f"Expires within {SOON.days} days",
    Standing.ACTIVE: f"Active for more than {SOON.days} days",
    Standing.EXPIRED: "Expired",
    Standing.INACTIVE: "Inactive",
    Standing.GONE: "No longer listed",
    ANY: "Any standing",
}

ORDER_LABELS = {
    "expiry": "Expires first",
    "-expiry": "Expires last",
    "state": "State",
}

TABS = {"All": ANY, "Active": IN_FORCE, "Needs Attention": ATTENTION, "Upcoming Renewals": RENEWALS}

ALL_IS_WELL: dict[str, str] = {
    ATTENTION: "Every license that the registry lists is active and in date.",
    RENEWALS: "No license is in its state’s window of renewal, or expires soon where that is not known.",
    Standing.EXPIRED: "No license that the registry calls active is past its day.",
    Standing.INACTIVE: "Every license that the registry lists is active.",
    Standing.GONE: "The registry still lists every license it ever told of.",
    Standing.EXPIRES_SOON: f"No license in force expires within {SOON.days} days.",
}
"""What it means that nothing stands so."""


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
    question, refused = question_in(query, LICENSES)
    asked = Asked(
        search=search_in(query),
        state=state_in(query),
        standing=choice_in(query, "standing", STANDING_LABELS, IN_FORCE),
        residency=choice_in(query, "residency", License.Residency.values),
        expires_from=day_in(query, "from"),
        expires_to=day_in(query, "to"),
        order=choice_in(query, "sort", ORDERS, DEFAULT_ORDER),
        question=question,
        refused=refused,
    )
    return heeding(
        asked,
        query,
        query_of,
        "state",
        "standing",
        "residency",
        "from",
        "to",
        otherwise={"standing": IN_FORCE},
    )


def query_of(selection: Selection, /, **places: str | None) -> str:
    """The query that asks for the selection, with its question mark."""
    asked = {
        "q": selection.search,
        "state": selection.state,
        "standing": selection.standing,
        "residency": selection.residency,
        "from": selection.expires_from,
        "to": selection.expires_to,
        "sort": selection.order,
        **asking(selection),
    }
    return written(asked, {"standing": IN_FORCE, "sort": DEFAULT_ORDER}, **places)


@dataclass(frozen=True, slots=True)
class Tab:
    """A standing at one click, and whether the list shows it."""

    label: str
    url: str
    on: bool


def tabs(selection: Asked) -> list[Tab]:
    """The tabs of the list, with everything else as it is asked for."""
    return [
        Tab(label, query_of(replace(selection, standing=standing)), selection.standing == standing)
        for label, standing in TABS.items()
    ]


def chips(selection: Selection) -> list[Chip]:
    """The filters that are on, each with a way to take it off; first and last day of expiry are one."""
    found = chips_of(
        selection,
        query_of,
        search=quoted,
        state=states().__getitem__,
        standing=STANDING_LABELS.__getitem__,
        residency=lambda residency: License.Residency(residency).label,
    )
    if selection.expires_from or selection.expires_to:
        without = replace(selection, expires_from=None, expires_to=None)
        found.append(Chip(_days(selection), query_of(without)))
    return found


def _days(selection: Selection) -> str:
    first, last = (
        in_format(day, "M j, Y") if day else "" for day in (selection.expires_from, selection.expires_to)
    )
    if first and last:
        return f"Expires {first} – {last}"
    return f"Expires from {first}" if first else f"Expires up to {last}"
