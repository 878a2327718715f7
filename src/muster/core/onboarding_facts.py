"""What the registry said of a producer who is being onboarded, as it is kept with the draft and shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from muster.core.lines import categories_of, folded, known_lines
from muster.core.report import License, ProducerReport

Facts = Mapping[str, Any]
"""As JSON keeps it: kind, names, home_state, email, phone, address, and licenses with their active lines."""

STALE_AFTER = timedelta(days=7)
"""Facts that are older are looked up again before somebody goes on with them."""

ACTIVE, BUSINESS = "active", "2"
"""A line's status in the registry's words, folded, and its code of a business address."""


def facts_of(report: ProducerReport, *, today: date) -> dict[str, Any]:
    """What the pages show of a report; never the SSN or the day of birth."""
    home = home_state(report, today=today)
    contacts = {one.kind: one.value for one in reversed(report.contacts)}
    contacts |= {one.kind: one.value for one in report.contacts if one.state == home}
    addresses = sorted(report.addresses, key=lambda one: (one.state != home, one.type_code != BUSINESS))
    return {
        "kind": report.kind,
        "first_name": report.first_name,
        "middle_name": report.middle_name,
        "last_name": report.last_name,
        "name_suffix": report.name_suffix,
        "home_state": home,
        "email": contacts.get("email", ""),
        "phone": contacts.get("phone", ""),
        "address": _written(addresses[0]) if addresses else "",
        "licenses": [_license(one, today) for one in report.licenses],
    }


def home_state(report: ProducerReport, *, today: date) -> str:
    """The state of the resident license that is in force, or else of any resident license; empty without."""
    residents = [one for one in report.licenses if one.residency == "R"]
    residents.sort(key=lambda one: not _in_force(one, today))
    return residents[0].state if residents else ""


def _in_force(one: License, today: date) -> bool:
    return one.is_active and (one.expires_on is None or one.expires_on >= today)


def _license(one: License, today: date) -> dict[str, Any]:
    return {
        "state": one.state,
        "number": one.number,
        "class": one.class_name,
        "resident": one.residency == "R",
        "in_force": _in_force(one, today),
        "expires": one.expires_on.isoformat() if one.expires_on else "",
        "lines": [line.name for line in one.lines if line.status.casefold() == ACTIVE],
    }


def _written(address: Any) -> str:
    street = ", ".join(filter(None, (address.line_1, address.line_2, address.city)))
    return f"{street}, {address.address_state} {address.zip}".strip(", ")


def classes_in_force(facts: Facts, state: str) -> frozenset[str]:
    """The classes of license, by name, of which the producer holds one in force in a state."""
    held = [one for one in facts.get("licenses", ()) if one["state"] == state and one["in_force"]]
    return frozenset(one["class"] for one in held if one["class"])


def full_name(facts: Facts) -> str:
    """The name as the registry has it, in reading order; empty where nothing was looked up yet."""
    names = ("first_name", "middle_name", "last_name", "name_suffix")
    return " ".join(filter(None, (facts.get(name, "") for name in names)))


def is_stale(looked_up_at: datetime | None, *, now: datetime) -> bool:
    """Whether facts are so old that they are looked up again."""
    return looked_up_at is not None and now - looked_up_at > STALE_AFTER


def differences(old: Facts, new: Facts) -> list[str]:
    """What differs between two look-ups, in words: "the name", "licenses in CA and TX"."""
    told = []
    if full_name(old) != full_name(new):
        told.append("the name")
    for name, words in (("email", "the email address"), ("phone", "the telephone number")):
        if old.get(name) != new.get(name):
            told.append(words)
    if old.get("address") != new.get("address"):
        told.append("the address")
    if states := _states_that_differ(old.get("licenses", ()), new.get("licenses", ())):
        told.append(f"licenses in {listed(states)}")
    return told


def _states_that_differ(old: Sequence[Facts], new: Sequence[Facts]) -> list[str]:
    return sorted(
        {one["state"] for some, others in ((old, new), (new, old)) for one in some if one not in others}
    )


def listed(words: Iterable[str]) -> str:
    """Words as a sentence lists them: "CA, FL and TX"."""
    *most, last = [*words] or [""]
    return f"{', '.join(most)} and {last}" if most else last


class GrantedLine(NamedTuple):
    """A line of authority that a producer may apply for in a state."""

    name: str
    code: str
    class_code: str
    class_name: str
    categories: tuple[str, ...]


@cache
def granted_lines(state: str) -> tuple[GrantedLine, ...]:
    """The lines on file that the state grants to producers, each name once; none where nothing is known."""
    found: dict[str, GrantedLine] = {}
    for one in known_lines():
        if one.state == state and one.is_general:
            line = GrantedLine(one.name, one.code, one.class_code, one.class_name, one.categories)
            found.setdefault(folded(one.name), line)
    return tuple(found.values())


def held_lines(facts: Facts, state: str) -> frozenset[str]:
    """The lines that the producer holds in force in a state, as they are compared."""
    return frozenset(
        folded(name)
        for license in facts.get("licenses", ())
        if license["state"] == state and license["in_force"]
        for name in license["lines"]
    )


def chosen_lines(state: str, names: Iterable[str], facts: Facts) -> list[str]:
    """Those of the names that the state grants and the producer does not hold there yet, in its order."""
    wanted = {folded(name) for name in names} - held_lines(facts, state)
    return [one.name for one in granted_lines(state) if folded(one.name) in wanted]


def common_lines(state: str, category: str, facts: Facts) -> list[str]:
    """The line by which a state's producers commonly sell what is of an LOA category: one, or none.

    None where the producer holds any line of that category there, or the state grants none of that alone.
    Of several it is the one whose name most states have: "Life" before "Fixed Annuities".
    """
    held = (categories_of(state, "", "", name) for name in held_lines(facts, state))
    if any(category in categories for categories in held):
        return []
    alone = [one.name for one in granted_lines(state) if one.categories == (category,)]
    return [max(alone, key=_spread)] if alone else []


def _spread(name: str) -> int:
    """How many states grant a line of this name."""
    return _spreads()[folded(name)]


@cache
def _spreads() -> Mapping[str, int]:
    return Counter(name for _, name in {(one.state, folded(one.name)) for one in known_lines()})
