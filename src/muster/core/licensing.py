"""What licenses cost, by the state's fee and the registry's, and when they may be renewed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from muster.core.fees import Entity, Residency
from muster.core.lines import KnownLine, agent_type_of, categories_of, folded, known_lines
from muster.core.rules.book import Rulebook
from muster.core.rules.keys import FEES, LICENSING
from muster.core.rules.rule import Rule, Standing
from muster.core.rules.terms import HOME_STATE


class Payer(StrEnum):
    """Who pays for a license."""

    AGENCY = "agency"
    PRODUCER = "producer"


PAYER_LABELS: Mapping[str, str] = MappingProxyType(
    {Payer.AGENCY.value: "Agency", Payer.PRODUCER.value: "Producer"}
)


class Line(NamedTuple):
    """A line of authority that a license is to have, and the class of license that carries it."""

    name: str
    code: str = ""
    class_code: str = ""
    class_name: str = ""


class Part(NamedTuple):
    """One part of an estimate, in cents; None is unknown, never 0.

    `payee` is "state" or "registry", `about` the class of license, as far as it is known. `text` is the fee
    as it was found, `source` where; `rule_id` cites the rule and is empty where no rule tells it.
    """

    payee: Literal["state", "registry"]
    about: str
    cents: int | None
    standing: Standing
    rule_id: str = ""
    text: str = ""
    source: str = ""


class Estimate(NamedTuple):
    """What licenses are likely to cost. `known` is the sum in cents of the parts that are known."""

    parts: tuple[Part, ...]

    @property
    def cents(self) -> int | None:
        """The whole sum; None where any part is unknown."""
        return None if self.unknown else self.known

    @property
    def known(self) -> int:
        """The sum of the parts that are known."""
        return sum(part.cents or 0 for part in self.parts)

    @property
    def unknown(self) -> int:
        """Of how many parts nothing is known."""
        return sum(part.cents is None for part in self.parts)

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that it rests on."""
        return tuple(dict.fromkeys(part.rule_id for part in self.parts if part.rule_id))

    def by(self, payee: str) -> int | None:
        """What one payee takes; None where any part of it is unknown, and 0 where it takes no part."""
        mine = [part.cents for part in self.parts if part.payee == payee]
        return None if None in mine else sum(cents or 0 for cents in mine)


NOTHING = Estimate(())
REGISTRY_UNKNOWN = "The organization has not set what the registry takes for a filing."
REGISTRY_TOLD = "As set by the organization."


def estimate_license(
    book: Rulebook,
    *,
    state: str,
    residency: Residency,
    home_state: str,
    entity: Entity,
    lines: Iterable[Line],
    on: date,
    registry_fee: int | None = None,
    held: Collection[str] = (),
) -> Estimate:
    """What new licenses with these lines cost in a state: one license, and one filing, for each class.

    `home_state` is empty where it is not known; a fee that depends on it is then unknown. `registry_fee` is
    what the registry takes for one filing. `held` are the classes, by code or name, of which a license is in
    force there: to it lines are added, for the fee that the state takes for that.
    """
    return _estimate(book, "license_new", state, residency, home_state, entity, lines, on, registry_fee, held)


def estimate_renewal(
    book: Rulebook,
    *,
    state: str,
    residency: Residency,
    home_state: str,
    entity: Entity,
    lines: Iterable[Line],
    on: date,
    expires_on: date | None = None,
    registry_fee: int | None = None,
) -> Estimate:
    """What renewing a license with these lines costs; arguments as those of `estimate_license`.

    After it has expired, what the state adds for being late is not told by all alike: then it is unknown.
    """
    estimate = _estimate(
        book, "license_renewal", state, residency, home_state, entity, lines, on, registry_fee
    )
    if expires_on is None or expires_on >= on:
        return estimate
    return Estimate(
        tuple(
            part._replace(cents=None, standing=Standing.UNKNOWN) if part.payee == "state" else part
            for part in estimate.parts
        )
    )


class Window(NamedTuple):
    """When a license may be renewed: `opens_on` is None where nobody has told, or it does not expire."""

    opens_on: date | None
    days: int | None
    rule_id: str


def renewal_window(
    book: Rulebook, *, state: str, expires_on: date | None, on: date, entity: Entity = "individual"
) -> Window:
    """The window in which a license that expires then may be renewed, by the rules of a day."""
    rule = book.at(state, LICENSING, "renewal_window_days", on)
    of_agency = rule.terms.get("agency_days") if entity == "agency" else None
    days = rule.value if of_agency is None else of_agency
    if not isinstance(days, int):
        return Window(None, None, rule.id)
    opens = None if expires_on is None else expires_on - timedelta(days=days)
    return Window(opens, days, rule.id)


def window_days(
    book: Rulebook, states: Iterable[str], on: date, *, entity: Entity = "individual"
) -> dict[str, int]:
    """How many days before its expiry a license may be renewed, of those of these states that tell it."""
    found = (
        (state, renewal_window(book, state=state, expires_on=None, on=on, entity=entity).days)
        for state in states
    )
    return {state: days for state, days in found if days is not None}


def in_class(state: str, line: Line) -> Line:
    """The line with the class of license that carries it in the state: of several, the commonly held one.

    One whose class is told, and one that the rules do not know, stays as it is.
    """
    if line.class_code or line.class_name:
        return line
    known = _carriers().get((state, folded(line.name)))
    return line._replace(code=line.code or known.code, **_class_of(known)) if known else line


def _class_of(known: KnownLine) -> dict[str, str]:
    return {"class_code": known.class_code, "class_name": known.class_name}


@cache
def _carriers() -> Mapping[tuple[str, str], KnownLine]:
    found: dict[tuple[str, str], KnownLine] = {}
    for known in known_lines():
        key = (known.state, folded(known.name))
        if key not in found or (known.is_general and not found[key].is_general):
            found[key] = known
    return found


def lines_told(names: Iterable[str], *, most: int = 3) -> str:
    """Lines in a few words: the first of them, and how many more there are."""
    unique = list(dict.fromkeys(names))
    told = "; ".join(unique[:most])
    return f"{told} and {len(unique) - most} more" if len(unique) > most else told


def _estimate(
    book: Rulebook,
    key: str,
    state: str,
    residency: str,
    home_state: str,
    entity: str,
    lines: Iterable[Line],
    on: date,
    registry_fee: int | None,
    held: Collection[str] = (),
) -> Estimate:
    in_force = {folded(one) for one in held}
    by_class: dict[tuple[str, str], list[Line]] = {}
    for line in dict.fromkeys(in_class(state, line) for line in lines):
        by_class.setdefault((line.class_code, line.class_name), []).append(line)
    rules = [
        rule
        for rule in book.holding(state, FEES, key, on)
        if _text(rule, "residency", "all") in (residency, "all")
    ]
    told = Standing.UNKNOWN if registry_fee is None else Standing.OVERRIDDEN
    why = REGISTRY_UNKNOWN if registry_fee is None else REGISTRY_TOLD
    parts: list[Part] = []
    for (class_code, class_name), some in by_class.items():
        about = class_name or class_code
        if not in_force.isdisjoint((folded(class_code), folded(class_name))):
            parts.append(_addition_part(rules, about, home_state, len(some), book.at(state, FEES, key, on)))
            parts.append(Part("registry", about, registry_fee, told, text=why))
            continue
        # The fee for surplus lines, and for adjusting, comes beside that for others of the same class.
        by_kind: dict[str, list[Line]] = {}
        for line in some:
            by_kind.setdefault(_apart(state, line), []).append(line)
        for alike in by_kind.values():
            case = _Case(state, class_code, class_name, entity, alike)
            for rule, kinds in _rules_of(rules, case):
                if rule:
                    parts.append(_state_part(rule, about, home_state, kinds))
                else:
                    parts.append(_unknown_part(book.at(state, FEES, key, on), about))
        parts.append(Part("registry", about, registry_fee, told, text=why))
    return Estimate(tuple(parts))


def _rules_of(rules: Iterable[Rule], case: _Case) -> Iterable[tuple[Rule | None, list[frozenset[str]]]]:
    """The rules that tell what a license costs, each with the categories of the lines for which it does."""
    found: dict[int, tuple[Rule | None, list[frozenset[str]]]] = {}
    for line, categories in case.categories.items():
        rule = _of_line(rules, case, line)
        found.setdefault(id(rule), (rule, []))[1].append(categories)
    return found.values()


def _state_part(rule: Rule, about: str, home_state: str, kinds: Sequence[frozenset[str]]) -> Part:
    """What the state takes by the rule for lines of these categories."""
    cents = _cents(rule, home_state)
    if cents is None:
        return _unknown_part(rule, about)
    if _text(rule, "basis") == "line":
        cents *= len(kinds)
    elif rule.standing is not Standing.OVERRIDDEN and not _covers(_text(rule, "text"), kinds):
        return _unknown_part(rule, about)
    return Part("state", about, cents, rule.standing, rule.id, _text(rule, "text") or rule.note, rule.source)


def _addition_part(rules: Iterable[Rule], about: str, home_state: str, lines: int, otherwise: Rule) -> Part:
    """What the state takes for adding so many lines to a license that is held."""
    own = [rule for rule in rules if _text(rule, "applies") == ADDITION]
    rule = max(own, key=_narrowness, default=None)
    # A fee that is told without its basis is that of one line.
    if rule is None or (lines > 1 and _text(rule, "basis") != "line"):
        return _unknown_part(rule or otherwise, about)
    return _state_part(rule, about, home_state, [frozenset()] * lines)


def _unknown_part(rule: Rule, about: str) -> Part:
    text = _text(rule, "text") or rule.note
    return Part("state", about, None, Standing.UNKNOWN, rule.id, text, rule.source)


def _apart(state: str, line: Line) -> str:
    categories = categories_of(
        *(state, line.class_code, line.code, line.name),
        agent_type_of(state, line.class_code, line.class_name),
    )
    return next((one for one in ("surplus_lines", "adjuster") if categories == {one}), "")


GROUPS = (
    frozenset({"life", "health", "variable"}),
    frozenset({"property", "casualty", "personal_lines"}),
)
"""Lines for which states that take a fee for each group, or type, of lines take one."""

FOR_EACH = re.compile(r"\bper\b(?! class)|and/or", re.IGNORECASE)
"""In the words of a fee: that it is taken for each line, or group of lines, and not once for all."""

SURCHARGE = re.compile(r"\(\+")
"""In the words of a fee: that more is added, for further lines or for those of property and casualty."""


def _covers(text: str, kinds: Sequence[frozenset[str]]) -> bool:
    """Whether a fee in these words is all that is taken for lines of these categories."""
    groups = {next((group for group in GROUPS if of_line and of_line <= group), None) for of_line in kinds}
    is_one = len(kinds) == 1 or (len(groups) == 1 and None not in groups)
    if SURCHARGE.search(text):
        return len(kinds) == 1 and GROUPS[1] not in groups
    return is_one or not FOR_EACH.search(text)


class _Case:
    """A license that is asked for: what the special cases of fees are about."""

    def __init__(
        self, state: str, class_code: str, class_name: str, entity: str, lines: Collection[Line]
    ) -> None:
        self.agent_type = agent_type_of(state, class_code, class_name)
        self.class_name = folded(class_name)
        self.entity = entity
        self.count = len(lines)
        self.categories = {
            line: categories_of(state, line.class_code, line.code, line.name, self.agent_type)
            for line in lines
        }
        every: frozenset[str] = frozenset().union(*self.categories.values())
        self.every = every
        self.is_limited: bool = bool(every) and every <= LIMITED
        self.is_surplus: bool = self.agent_type == "surplus_lines" or every == {"surplus_lines"}
        self.is_adjuster: bool = self.agent_type == "adjuster" or every == {"adjuster"}


LIMITED = frozenset(
    ("travel", "crop", "credit", "portable_electronics", "car_rental", "self_storage", "legal_expense")
)

Fits = Callable[[_Case, frozenset[str]], bool]


def _all_of(*categories: str) -> Fits:
    allowed = frozenset(categories)
    return lambda _, of_line: bool(of_line) and of_line <= allowed


SPECIAL: Mapping[str, Fits] = MappingProxyType(
    {
        "surplus lines": lambda case, _: case.is_surplus,
        "excess lines": lambda case, _: case.is_surplus,
        "limited lines": lambda case, _: case.is_limited,
        "adjuster": lambda case, _: case.is_adjuster,
        "adjusters": lambda case, _: case.is_adjuster,
        "independent adjuster": lambda case, _: case.is_adjuster and "independent" in case.class_name,
        "public adjuster": lambda case, _: "public" in case.class_name and "adjuster" in case.class_name,
        "one line": lambda case, _: case.count == 1,
        "one line, or two that go together": lambda case, _: (
            case.count == 1
            or (
                case.count == 2
                and (case.every <= {"life", "health"} or case.every <= {"property", "casualty"})
            )
        ),
        "all four lines": lambda case, _: case.every == {"life", "health", "property", "casualty"},
        "two or more lines": lambda case, _: case.count > 1,
        "individual": lambda case, _: case.entity == "individual",
        "agency": lambda case, _: case.entity == "agency",
        "travel": _all_of("travel"),
        "variable": _all_of("variable"),
        "property, casualty, personal lines": _all_of("property", "casualty", "personal_lines"),
        "life, accident and health, variable": _all_of("life", "health", "variable"),
        "variable, travel, crop, surety, legal, attorney title": _all_of(
            *("variable", "travel", "crop", "surety", "legal_expense", "title")
        ),
    }
)
"""What is decided of a license by the words for whom a fee is. Other words are looked for in its class."""

ADDITION = "additional line"

CHANGES = frozenset({"amendment", ADDITION, "reapplication", "service of process"})
"""Fees for something else than a license that is asked for, or renewed, as a whole."""

OF_ANY_CLASS = frozenset(
    (
        *("", "individual", "agency", "one line", "two or more lines"),
        *("one line, or two that go together", "all four lines"),
    )
)
"""Words that tell nothing of the kind of license: what does goes before them."""

IN_ADDITION = frozenset({"retaliatory"})
"""Words for fees that may take the place of another from case to case: then neither of them is sure."""


def _of_line(rules: Iterable[Rule], case: _Case, line: Line) -> Rule | None:
    """The rule that tells the fee: one for this case before one for all; None where none does."""
    of_line = case.categories[line]
    special, general, doubted = [], [], []
    for rule in rules:
        applies = _text(rule, "applies")
        if not applies:
            general.append(rule)
        elif applies in IN_ADDITION:
            doubted.append(rule)
        elif (applies in SPECIAL and SPECIAL[applies](case, of_line)) or (
            applies not in SPECIAL and applies not in CHANGES and folded(applies) in case.class_name
        ):
            special.append(rule)
    best = max(special, key=_narrowness, default=None)
    if case.is_surplus or case.is_adjuster:
        # A state that tells one fee tells that of its producers; an organization means its own for all.
        own = next((rule for rule in general if rule.standing is Standing.OVERRIDDEN), None)
        return best if best and _text(best, "applies") not in OF_ANY_CLASS else own
    if best:
        return best
    if doubted:
        return doubted[0]
    return max(general, key=_narrowness, default=None)


def _narrowness(rule: Rule) -> tuple[bool, bool]:
    return _text(rule, "applies") not in OF_ANY_CLASS, _text(rule, "residency", "all") != "all"


def _cents(rule: Rule, home_state: str) -> int | None:
    by_home = rule.terms.get("by_domicile")
    if not isinstance(by_home, Mapping):
        depends = rule.terms.get("depends_on")
        return rule.value if isinstance(rule.value, int) and not depends else None
    contested, otherwise = rule.terms.get("contested", ()), rule.terms.get("otherwise_cents")
    depends_on_home = rule.terms.get("depends_on") == HOME_STATE
    if not home_state or not depends_on_home or (isinstance(contested, tuple) and home_state in contested):
        return None
    return by_home.get(home_state, otherwise if isinstance(otherwise, int) else None)


def _text(rule: Rule, name: str, otherwise: str = "") -> str:
    found = rule.terms.get(name, otherwise)
    return found if isinstance(found, str) else otherwise
