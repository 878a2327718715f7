"""What is known of a producer, as far as eligibility asks; in the registry's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from muster.core.lines import folded
from muster.core.scorecard import HeldLine

__all__ = ["Appointed", "Assigned", "HeldLine", "License", "Opened", "Person", "same_county", "same_line"]


class License(NamedTuple):
    """A license that the registry lists, with its lines."""

    id: int
    state: str
    number: str
    class_code: str
    class_name: str
    is_resident: bool
    is_active: bool
    expires_on: date | None
    lines: tuple[HeldLine, ...] = ()

    def is_good(self, today: date) -> bool:
        """Whether it is active and in date; a license is good through its last day."""
        return self.is_active and (self.expires_on is None or self.expires_on >= today)


class Appointed(NamedTuple):
    """An appointment in force."""

    id: int
    state: str
    cocode: str
    line_code: str
    line_name: str
    county: str = ""


class Opened(NamedTuple):
    """A transaction that is open. `request` tells the request that it came from, where there was one."""

    number: int
    state: str
    cocode: str
    line_code: str
    line_name: str
    county: str = ""
    class_code: str = ""
    license_number: str = ""
    request: UUID | None = None


class Assigned(NamedTuple):
    """A producer assignment."""

    categories: Sequence[str]
    states: Sequence[str]
    cocodes: Sequence[str] = ()
    agent_type: str = "producer"
    starts_on: date | None = None
    ends_on: date | None = None

    def covers(self, *, state: str, category: str, cocode: str, agent_type: str, today: date) -> bool:
        """Whether it holds today for this; one without companies is for all of them."""
        return (
            state in self.states
            and category in self.categories
            and (not self.cocodes or cocode in self.cocodes)
            and agent_type == self.agent_type
            and (self.starts_on is None or self.starts_on <= today)
            and (self.ends_on is None or today <= self.ends_on)
        )


class Person:
    """A producer, and what is known of it. `appointed` and `opened` grow as requests are answered."""

    __slots__ = (
        "_resident",
        "appointed",
        "assigned",
        "by_state",
        "id",
        "is_firm",
        "licenses",
        "npn",
        "opened",
    )

    def __init__(
        self,
        *,
        id: int,
        npn: str,
        is_firm: bool = False,
        licenses: Sequence[License] = (),
        appointed: Sequence[Appointed] = (),
        opened: Sequence[Opened] = (),
        assigned: Sequence[Assigned] = (),
    ) -> None:
        self.id = id
        self.npn = npn
        self.is_firm = is_firm
        self.licenses = licenses
        self.appointed = list(appointed)
        self.opened = list(opened)
        self.assigned = assigned
        self._resident: tuple[date, bool] | None = None
        self.by_state: dict[str, list[License]] = {}
        for license in licenses:
            self.by_state.setdefault(license.state, []).append(license)

    def __repr__(self) -> str:
        return f"<Person {self.id}>"

    def has_resident_license(self, today: date) -> bool:
        """Whether a resident license is active and in date."""
        if self._resident is None or self._resident[0] != today:
            found = any(license.is_resident and license.is_good(today) for license in self.licenses)
            self._resident = (today, found)
        return self._resident[1]


def same_line(code: str, name: str, other_code: str, other_name: str) -> bool:
    """Whether two lines of a state are one: by code or by name, for not everybody tells both alike."""
    if code and other_code and folded(code) == folded(other_code):
        return True
    return bool(name) and folded(name) == folded(other_name)


def same_county(county: str, other: str) -> bool:
    """Whether two filings are for one county; one that names none is for the state."""
    return folded(county) == folded(other)
