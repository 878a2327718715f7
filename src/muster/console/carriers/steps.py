"""The one next step of each page: what is still to be set up before appointments can be filed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse

from muster.access.models import Membership
from muster.carriers.models import Company, FilingSettings
from muster.carriers.queries import RuleSelection, states_of_companies, states_with_rules
from muster.console.carriers.address import url_of
from muster.core.counting import counted
from muster.core.words import states

SHOWN = 4


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next, or that nothing is left to do. A button in place of the link adds rules to `adds`."""

    title: str
    text: str
    url: str
    verb: str
    color: str = "orange"
    icon: str = "arrow-big-right-line"
    adds: Sequence[str] = ()


def step_of_companies(member: Membership, companies: Sequence[Company]) -> Step | None:
    """What follows once there are companies; None where there is none, for then the list says it."""
    if not companies:
        return None
    without = next((company for company in companies if not company.appoints_in), None)  # type: ignore[attr-defined]
    if without:
        return Step(
            f"{without.name} appoints in no state yet",
            "Add the states in which it appoints. Until then every request for it is not eligible.",
            reverse("company-detail", args=[without.cocode]) + "#add",
            "Add its states",
        )
    missing = states_of_companies(member) - states_with_rules(member)
    return _see_rules(missing) if missing else _ready()


def step_of_company(company: Company, appoints_in: Sequence[str], missing: Sequence[str]) -> Step:
    """What follows for one company; `missing` are its states without a rule for what it sells."""
    if not company.categories:
        return Step(
            "Choose what it appoints for",
            "No LOA category is ticked, so every request for this company is not eligible.",
            "#categories",
            "Choose categories",
        )
    if not appoints_in:
        return Step(
            "Add the states in which it appoints",
            "It appoints in none yet, so every request for it is not eligible.",
            "#add",
            "Add states",
        )
    return _see_rules(missing) if missing else _ready()


def step_of_rules(member: Membership) -> Step | None:
    """What follows for the business rules; None where every state in which a company appoints has some."""
    missing = states_of_companies(member) - states_with_rules(member)
    if not missing:
        return None
    return replace(
        _see_rules(missing),
        text=f"Companies of yours appoint there: {_named(missing)}. The starting set has every line that the "
        "state grants, those of its common producer license active.",
        verb="Add the starting set there",
        adds=sorted(missing),
    )


def step_of_filing(settings: FilingSettings) -> Step | None:
    """What follows for the settings; None where nothing is left to be told."""
    if settings.registry_fee is not None:
        return None
    return Step(
        "Tell what the registry takes for a filing",
        "Until then estimates of fees leave it out, and say that it is unknown.",
        "#id_registry_fee",
        "Fill in the fee",
    )


def _see_rules(missing: Collection[str]) -> Step:
    return Step(
        f"No business rule is active in {counted(len(missing), 'state,states')}",
        f"Nothing can be filed there for what is sold: {_named(missing)}.",
        url_of(RuleSelection(state=min(missing))),
        "See the rules",
    )


def _named(codes: Collection[str]) -> str:
    names = [states()[code] for code in sorted(codes)]
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _ready() -> Step:
    return Step(
        "What you sell is set up",
        "Appoint a producer from their page, or many at once by an import.",
        reverse("producer-list"),
        "Choose producers",
        color="green",
        icon="circle-check",
    )
