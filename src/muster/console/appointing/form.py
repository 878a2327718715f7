"""What can be picked on the page Appoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from muster.core.words import LOA_CATEGORIES, states
from muster.imports.appoint_columns import APPOINTMENT_TYPES
from muster.licenses.models import License
from muster.licenses.standing import Standing, standing_of
from muster.producers.models import Producer
from muster.transactions.terms import Setup

GOOD = (Standing.ACTIVE, Standing.EXPIRES_SOON)


class StateChoice(NamedTuple):
    """A state to pick. `mark` says how the producer's license there stands; empty where there is none."""

    code: str
    name: str
    mark: str
    is_good: bool
    is_resident: bool
    needs_county: bool
    needs_type: bool


class CompanyChoice(NamedTuple):
    """A company to pick, and what it sells."""

    cocode: str
    name: str
    categories: str


@dataclass(frozen=True, slots=True)
class Form:
    """What can be picked: states in which the producer is licensed first, categories that are sold first."""

    licensed: list[StateChoice]
    others: list[StateChoice]
    companies: list[CompanyChoice]
    sold: Mapping[str, str]
    unsold: Mapping[str, str]
    types: Mapping[str, str]

    @property
    def with_county(self) -> list[StateChoice]:
        """The states that ask for a county."""
        return [one for one in (*self.licensed, *self.others) if one.needs_county]

    @property
    def with_type(self) -> list[StateChoice]:
        """The states of which a filing names a type of appointment."""
        return [one for one in (*self.licensed, *self.others) if one.needs_type]


def form_of(producer: Producer, setup: Setup, today: date) -> Form:
    """What can be picked for a producer who was read through `visible_to`; one query."""
    best: dict[str, tuple[Standing, bool]] = {}
    order = list(Standing)
    for license in License.objects.filter(producer=producer, gone_at=None):
        standing = standing_of(license, today)
        known = best.get(license.state)
        if known is None or order.index(standing) < order.index(known[0]):
            best[license.state] = (standing, license.residency == License.Residency.RESIDENT)
    choices = [_state(code, name, best.get(code), setup) for code, name in states().items()]
    licensed = [one for one in choices if one.mark]
    companies = sorted(setup.terms.companies.values(), key=lambda one: (one.name.casefold(), one.cocode))
    sold = {code for company in companies for code in company.categories}
    return Form(
        licensed=sorted(licensed, key=lambda one: (not one.is_good, not one.is_resident, one.name)),
        others=sorted((one for one in choices if not one.mark), key=lambda one: one.name),
        companies=[CompanyChoice(one.cocode, one.name, _labels(one.categories)) for one in companies],
        sold={code: label for code, label in LOA_CATEGORIES.items() if code in sold},
        unsold={code: label for code, label in LOA_CATEGORIES.items() if code not in sold},
        types={
            code: APPOINTMENT_TYPES.get(code, code)
            for state in states()
            for code in setup.terms.rules[state].types
        },
    )


MARKS = {
    Standing.ACTIVE: "licensed",
    Standing.EXPIRES_SOON: "licensed, expires soon",
    Standing.EXPIRED: "license expired",
    Standing.INACTIVE: "license inactive",
}


def _state(code: str, name: str, held: tuple[Standing, bool] | None, setup: Setup) -> StateChoice:
    rule = setup.terms.rules[code]
    standing, is_resident = held or (None, False)
    return StateChoice(
        code,
        name,
        MARKS[standing] if standing else "",
        standing in GOOD,
        is_resident,
        rule.needs_county,
        bool(rule.types),
    )


def _labels(categories: frozenset[str]) -> str:
    return ", ".join(label for code, label in LOA_CATEGORIES.items() if code in categories)
