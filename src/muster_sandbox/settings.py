"""How one sandbox registry runs; latency and faults may change while it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from muster_sandbox.behavior import Faults
from muster_sandbox.identifiers import DEFAULT_POPULATION


@dataclass(slots=True, kw_only=True)
class Settings:
    """Seconds for times; `today` None is the real day, read again for every request."""

    home: Path
    user: str
    password: str
    seed: int = 1
    population: int = DEFAULT_POPULATION
    today: date | None = None
    latency: float = 0.0
    timeout_hold: float = 60.0
    faults: Faults = field(default_factory=Faults)

    def day(self) -> date:
        """Return the day as of which answers are given, by the clock of this machine."""
        return self.today or datetime.now().astimezone().date()
