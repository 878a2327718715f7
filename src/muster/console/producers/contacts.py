"""Contact details as a person reads them: what several states report alike stands once, with its states."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from muster.core.words import states
from muster.producers.models import RegistryAddress, RegistryContact

NAMED = 3
"""So many states are named; more are counted."""


@dataclass(slots=True)
class Shared:
    """A contact detail that one or several states report; `one` is the record of the first."""

    one: Any
    codes: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        if len(self.codes) > NAMED:
            return f"{len(self.codes)} states"
        return ", ".join(states().get(code, code) for code in self.codes)


def shared_addresses(addresses: Iterable[RegistryAddress]) -> list[Shared]:
    """Addresses, each with all states that report it."""
    told = ("line_1", "line_2", "line_3", "city", "address_state", "zip")
    return _shared(
        addresses,
        lambda one: (one.type_name or one.type_code, *(getattr(one, name) for name in told)),
    )


def shared_contacts(contacts: Iterable[RegistryContact]) -> list[Shared]:
    """Phone numbers and emails, each with all states that report it."""
    return _shared(contacts, lambda one: (one.kind, one.value))


def _shared(rows: Iterable[Any], what: Callable[[Any], tuple[str, ...]]) -> list[Shared]:
    """Listed ones and gone ones are never one."""
    found: dict[Any, Shared] = {}
    for row in rows:
        shared = found.setdefault((what(row), row.gone_at), Shared(row))
        if row.state not in shared.codes:
            shared.codes.append(row.state)
    return list(found.values())
