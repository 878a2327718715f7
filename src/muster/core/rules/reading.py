"""Reading a file of the rules. What is wrong in it is told with file, key and what to do."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, cast

from muster.core.rulebook import rule_text
from muster.core.rules.keys import FEES, TOPICS, Value, fault_of
from muster.core.rules.rule import Rule, RulesBroken, Standing
from muster.core.rules.terms import fault_of_terms, frozen
from muster.core.words import jurisdictions

TELLABLE = (Standing.REVIEWED, Standing.APPROXIMATE, Standing.UNKNOWN)

Topic = Mapping[str, tuple[Rule, ...]]


def read_topic(state: str, topic: str) -> Topic:
    """The values of a file by key, each key's from the earliest on. RulesBroken says what is wrong."""
    file = f"{state.lower()}/{topic}.toml"
    try:
        tables = tomllib.loads(rule_text(file))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesBroken(file, "", f"This is not TOML: {error}.") from None
    if state not in jurisdictions():
        raise RulesBroken(
            file, "", f"“{state}” is not a state. Name the folder by a code of jurisdictions.csv."
        )
    return MappingProxyType({key: tuple(_of_key(file, state, topic, key, tables[key])) for key in tables})


def _of_key(file: str, state: str, topic: str, key: str, entries: object) -> list[Rule]:
    if key not in TOPICS[topic]:
        raise RulesBroken(file, key, fault_of(topic, key, None))
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise RulesBroken(file, key, f"Write each value as a table of its own, under [[{key}]].")
    rules = [_rule(file, state, topic, key, dict(entry)) for entry in entries]
    seen = set()
    for rule in rules:
        if (rule.strand, rule.since) in seen:
            raise RulesBroken(
                file, key, f"Two values hold from {rule.since or 'an untold day'} on. Leave one."
            )
        seen.add((rule.strand, rule.since))
    return sorted(rules, key=lambda rule: rule.since or date.min)


def _rule(file: str, state: str, topic: str, key: str, entry: dict[str, Any]) -> Rule:
    def broken(what: str) -> RulesBroken:
        return RulesBroken(file, key, what)

    standing = entry.pop("standing", None)
    if standing not in TELLABLE:
        raise broken(f"Say how sure it is: standing = one of {', '.join(TELLABLE)}.")
    source, note = entry.pop("source", ""), entry.pop("note", "")
    since, checked_on = entry.pop("from", None), entry.pop("checked", None)
    value = cast(Value, frozen(entry.pop("amount_cents" if topic == FEES else "value", None)))
    terms = {name: frozen(given) for name, given in entry.items()}
    for name, text in (("source", source), ("note", note)):
        if not isinstance(text, str):
            raise broken(f"{name} is a text in quotation marks.")
    for name, day in (("from", since), ("checked", checked_on)):
        if day is not None and type(day) is not date:
            raise broken(f"{name} is a day, as in {name} = 2026-05-31, without quotation marks.")
    if fault := fault_of_terms(terms):
        raise broken(fault)
    if standing == Standing.UNKNOWN:
        if value is not None or "by_domicile" in terms:
            raise broken("What is unknown has no value. Leave out the value, or say how sure it is.")
    elif not source:
        raise broken("Cite who says so: source = an address or a title.")
    elif value is None and "by_domicile" not in terms:
        raise broken('Tell the value, or write standing = "unknown".')
    elif value is not None and "by_domicile" in terms:
        raise broken("Tell amount_cents or by_domicile, not both.")
    if standing == Standing.REVIEWED and checked_on is None:
        raise broken("What is reviewed tells the day on which somebody looked: checked = 2026-05-31.")
    if value is not None and (fault := fault_of(topic, key, value)):
        raise broken(fault)
    return Rule(
        state, topic, key, value, since, source, checked_on, Standing(standing), note, MappingProxyType(terms)
    )
