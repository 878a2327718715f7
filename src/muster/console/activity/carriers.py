"""What was done with companies, business rules and the settings of filing, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from muster.carriers.columns import COMPANY, FILING, RULE, STATE_SETTING
from muster.core.amounts import dollars
from muster.core.columns import Columns
from muster.core.counting import counted
from muster.core.words import LOA_CATEGORIES, states

Data = dict[str, Any]

MONEY = ("most_fees", "registry_fee")
SHOWN = 5


def company_created(data: Data) -> str:
    """A company was put on file, or a file's companies."""
    if count := data.get("companies"):
        return _by_file("put", count, "company,companies", data, " on file")
    return f"put the company {_company(data)} on file"


def company_changed(data: Data) -> str:
    """What is on file of a company was changed, or of a file's companies."""
    if count := data.get("companies"):
        return _by_file("changed", count, "company,companies", data)
    return _with(f"changed the company {_company(data)}", changes(data.get("changed"), COMPANY))


def company_deleted(data: Data) -> str:
    """A company was taken off file."""
    return f"deleted the company {_company(data)}"


def states_set(data: Data) -> str:
    """States in which a company appoints were added or changed."""
    if count := data.get("settings"):
        done = "changed" if "each" in data else "added"
        return _by_file(done, count, "setting,settings", data, " of states in which companies appoint")
    told = []
    if added := data.get("added"):
        told.append(f"added {_states(added)}")
    changed = (data.get("changed") or {}).items()
    told += [f"{_state(state)}: {', '.join(changes(of, STATE_SETTING))}" for state, of in changed]
    return _with(f"set where {_company(data)} appoints", told)


def states_removed(data: Data) -> str:
    """States in which a company appoints were taken away."""
    return f"took {_states(data.get('states') or ())} off the states in which {_company(data)} appoints"


def rule_created(data: Data) -> str:
    """A business rule, or the starting set of them, was added."""
    if (count := data.get("rules")) and "named" in data:
        return _by_file("added", count, "business rule,business rules", data)
    if count:
        return (
            f"added {counted(count, 'business rule,business rules')} in {_states(data.get('states') or ())}"
        )
    return f"added the business rule {_rule(data)}"


def rule_changed(data: Data) -> str:
    """A business rule was changed, or some were switched."""
    if (count := data.get("rules")) and "each" in data:
        return _by_file("changed", count, "business rule,business rules", data)
    if count:
        active = ((data.get("changed") or {}).get("is_active") or {}).get("after")
        named = data.get("named") or ()
        rules = counted(count, "business rule,business rules")
        return f"made {rules} {'active' if active else 'inactive'}: {_few(named, count)}"
    return _with(f"changed the business rule {_rule(data)}", changes(data.get("changed"), RULE))


def rule_deleted(data: Data) -> str:
    """A business rule was taken off file."""
    return f"deleted the business rule {_rule(data)}"


def filing_changed(data: Data) -> str:
    """The settings of filing were changed."""
    return _with("changed how filings are made", changes(data.get("changed"), FILING))


def changes(changed: Any, columns: Columns) -> list[str]:
    """Each field that was changed, as `Domicile: TX (was none)`."""
    found = changed if isinstance(changed, Mapping) else {}
    return [
        f"{column.header}: {_value(key, of.get('after'))} (was {_value(key, of.get('before'))})"
        for column in columns
        for key in [column.key]
        if (of := found.get(key))
    ]


def _by_file(done: str, count: int, noun: str, data: Data, more: str = "") -> str:
    """What a file did, with the first of its things."""
    named = data.get("named") or sorted(data.get("each") or ())
    return f"{done} {counted(count, noun)}{more}: {_few(named, count)}"


def _value(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(LOA_CATEGORIES.get(one, str(one)) for one in value) or "none"
    if value is None or value == "":
        return "unknown" if key == "registry_fee" else "none"
    if isinstance(value, int):
        return dollars(value) if key in MONEY else f"{value:,}"
    return str(value)


def _company(data: Data) -> str:
    return f"{data.get('name') or 'not named'} (CoCode {data.get('cocode') or 'not recorded'})"


def _rule(data: Data) -> str:
    of_class = f" ({data['class']})" if data.get("class") else ""
    return f"{data.get('line') or 'not named'}{of_class} in {_state(data.get('state'))}"


def _state(code: Any) -> str:
    return states().get(str(code), str(code))


def _states(codes: Iterable[str]) -> str:
    found = list(codes)
    return _few([_state(code) for code in found], len(found))


def _few(names: Iterable[str], count: int) -> str:
    shown = list(names)[:SHOWN]
    more = count - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")


def _with(done: str, told: Iterable[str]) -> str:
    return f"{done}: {'; '.join(told)}" if told else done
