"""What the licenses that are chosen for a producer are likely to cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from muster.carriers.models import FilingSettings
from muster.carriers.state_rules import rulebook_of
from muster.core.fees import Entity, Residency
from muster.core.licensing import Estimate, Line, estimate_license
from muster.core.lines import folded
from muster.core.onboarding_facts import Facts, classes_in_force, granted_lines
from muster.core.words import states


@dataclass(frozen=True, slots=True)
class StateCost:
    """What the licenses in one state cost; cents are None where the fee is unknown."""

    state: str
    name: str
    lines: Sequence[str]
    estimate: Estimate

    @property
    def state_fee(self) -> int | None:
        return self.estimate.by("state")

    @property
    def registry_fee(self) -> int | None:
        return self.estimate.by("registry")

    @property
    def texts(self) -> list[str]:
        """The state's fees as they were found."""
        return list(dict.fromkeys(part.text for part in self.estimate.parts if part.payee == "state"))


@dataclass(frozen=True, slots=True)
class Cost:
    """What all of it costs: the sum in cents of what is known, and how many fees are not."""

    states: Sequence[StateCost]

    @property
    def known(self) -> int:
        return sum(one.estimate.known for one in self.states)

    @property
    def unknown(self) -> int:
        return sum(one.estimate.unknown for one in self.states)

    @property
    def fees(self) -> int:
        """How many fees there are, known or not."""
        return sum(len(one.estimate.parts) for one in self.states)

    @property
    def lines(self) -> int:
        return sum(len(one.lines) for one in self.states)


def cost_of(organization_id: int, facts: Facts, choices: Mapping[str, Iterable[str]], *, on: date) -> Cost:
    """Estimate the licenses for these lines of these states, each state by itself; two queries."""
    settings = FilingSettings.objects.filter(organization_id=organization_id).first()
    book = rulebook_of(organization_id)
    return Cost(
        [
            StateCost(
                state,
                states().get(state, state),
                list(names),
                estimate_license(
                    book,
                    state=state,
                    residency=residency_in(facts, state),
                    home_state=facts.get("home_state", ""),
                    entity=entity_of(facts),
                    lines=lines_of(state, names),
                    on=on,
                    registry_fee=settings.registry_fee if settings else None,
                    held=classes_in_force(facts, state),
                ),
            )
            for state, names in choices.items()
        ]
    )


def residency_in(facts: Facts, state: str) -> Residency:
    """As what the producer applies in a state."""
    return "resident" if facts.get("home_state") == state else "nonresident"


def entity_of(facts: Facts) -> Entity:
    """Whether a person or a firm applies."""
    return "agency" if facts.get("kind") == "firm" else "individual"


def lines_of(state: str, names: Iterable[str]) -> list[Line]:
    """The chosen lines with their codes and the class of license that carries them."""
    wanted = {folded(name) for name in names}
    return [
        Line(one.name, one.code, one.class_code, one.class_name)
        for one in granted_lines(state)
        if folded(one.name) in wanted
    ]
