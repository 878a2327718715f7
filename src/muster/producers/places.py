"""What is known of a producer state by state, for the map and for the table that says the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from muster.core.counting import counted
from muster.core.words import states
from muster.licenses.standing import Standing
from muster.maps.us import Look, Mark, UsMap, us_map
from muster.producers.profile import HeldLicense, Profile

LOOKS = {
    Standing.ACTIVE: Look.GOOD,
    Standing.EXPIRES_SOON: Look.SOON,
    Standing.EXPIRED: Look.BAD,
    Standing.INACTIVE: Look.BAD,
    Standing.GONE: Look.PAST,
}
BEST_FIRST = list(LOOKS)
NEVER_ENDS = date.max


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state in which a producer holds something, held it, or is meant to; `held` is the best license.

    `lines` are those of all licenses there that the registry lists as active. Before the first sync nothing
    `is_known` but that something is wanted there.
    """

    code: str
    name: str
    held: HeldLicense | None
    licenses: int
    lines: int
    in_force: int
    at_risk: int
    gaps: int
    is_known: bool = True

    @property
    def anchor(self) -> str:
        return f"state-{self.code}"

    @property
    def look(self) -> Look:
        """A state without a license stands in the table because one is needed there."""
        return LOOKS[self.held.standing] if self.held else Look.WANTED

    @property
    def is_warned(self) -> bool:
        """Whether something is known to be missing there, or an appointment is at risk."""
        return self.is_known and bool(self.at_risk or self.gaps)

    @property
    def words(self) -> str:
        """All that the map says of the state: “active, 3 appointments, expires Mar 5, 2026”."""
        if not self.is_known:
            return "needed, what is held is not known yet"
        parts = [_standing(self.held) if self.held else "no license, but one is needed"]
        if self.in_force:
            parts.append(counted(self.in_force, "appointment,appointments"))
        if self.at_risk:
            parts.append(f"{counted(self.at_risk, 'appointment,appointments')} at risk")
        if self.gaps:
            parts.append(counted(self.gaps, "gap,gaps"))
        if self.held and self.held.license.expires_on and self.held.standing is not Standing.GONE:
            on = self.held.license.expires_on
            expires = "expired" if self.held.standing is Standing.EXPIRED else "expires"
            parts.append(f"{expires} {on:%b} {on.day}, {on.year}")
        return ", ".join(parts)


def state_rows(profile: Profile) -> list[StateRow]:
    """A row for each state of which something is known, by name."""
    licenses: dict[str, list[HeldLicense]] = defaultdict(list)
    for held in (*profile.licenses, *profile.gone_licenses):
        licenses[held.license.state].append(held)
    in_force = Counter(one.state for one in profile.appointments)
    at_risk = Counter(one.state for one in profile.at_risk)
    wanted = [line for one in profile.assignments for line in one.verdict.lines]
    gaps = Counter(line.state for line in wanted if line.gap is not None)
    codes = {*licenses, *in_force, *at_risk, *(line.state for line in wanted)}
    is_known = profile.producer.synced_at is not None or bool(licenses)
    rows = [
        StateRow(
            code,
            states().get(code, code),
            _best(licenses[code]),
            sum(held.standing is not Standing.GONE for held in licenses[code]),
            sum(_active_lines(held) for held in licenses[code]),
            in_force[code],
            at_risk[code],
            gaps[code],
            is_known,
        )
        for code in codes
    ]
    return sorted(rows, key=lambda row: row.name)


def anchor_of(row: StateRow) -> str:
    """Where the row stands on the page of the map."""
    return f"#{row.anchor}"


def map_of(
    rows: Iterable[StateRow], *, is_known: bool, leads_to: Callable[[StateRow], str] = anchor_of
) -> UsMap:
    """The map of these rows; each state on it leads to its row."""
    marks = {
        row.code: Mark(row.look, row.words, leads_to(row), bool(row.in_force), row.is_warned) for row in rows
    }
    return us_map(marks, otherwise=Mark(Look.NONE, "no license" if is_known else "not known yet", ""))


def _best(licenses: list[HeldLicense]) -> HeldLicense | None:
    """The license that stands best; of several, the one that lasts longest."""
    return min(
        licenses,
        key=lambda held: (
            BEST_FIRST.index(held.standing),
            -(held.license.expires_on or NEVER_ENDS).toordinal(),
        ),
        default=None,
    )


def _active_lines(held: HeldLicense) -> int:
    if held.standing is Standing.GONE:
        return 0
    return sum(line.gone_at is None and line.status.strip().lower() == "active" for line in held.lines)


def _standing(held: HeldLicense) -> str:
    if held.standing is Standing.EXPIRES_SOON:
        days = held.days_left or 0
        return "expires today" if not days else f"expires in {counted(days, 'day,days')}"
    return "no longer listed" if held.standing is Standing.GONE else held.standing.value
