"""Whether a state wants appointments filed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from muster.core.rules.book import rulebook
from muster.core.rules.keys import APPOINTING
from muster.core.words import states

FILES: Mapping[object, bool] = MappingProxyType({"appointment": True, "registry": False})

# As many as states times the days that one process may be asked about.
REMEMBERED = 4_096


class FilingRule(NamedTuple):
    """What is known of one state: `files` is None where nobody has told; `source` cites who has."""

    state: str
    files: bool | None
    source: str
    checked_on: str
    standing: str


def filing_rules(on: date | None = None) -> Mapping[str, FilingRule]:
    """The rule of each jurisdiction on a day, or else the latest. Source: rules/us/*/appointing.toml."""
    return MappingProxyType({state: _rule(state, on) for state in states()})


@lru_cache(maxsize=REMEMBERED)
def files_appointments(state: str, on: date | None = None) -> bool | None:
    """Whether appointments are filed with the state; False where companies only keep a register of their own.

    None where it is unknown. Without a day the latest rule is told.
    """
    return _rule(state, on).files


def _rule(state: str, on: date | None) -> FilingRule:
    rule = rulebook().at(state, APPOINTING, "filing", on or date.max)
    checked_on = rule.checked_on.isoformat() if rule.checked_on else ""
    return FilingRule(state, FILES.get(rule.value), rule.source, checked_on, rule.standing.value)
