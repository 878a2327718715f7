"""How one sandbox registry runs; latency and faults may change while it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from muster_sandbox.alerts.faults import AlertFaults
from muster_sandbox.behavior import Faults
from muster_sandbox.gateway.faults import GatewayFaults
from muster_sandbox.identifiers import DEFAULT_POPULATION


@dataclass(slots=True, kw_only=True)
class Settings:
    """Seconds for times; `today` None is the real day, read again for every request.

    `life` is how many events a producer has in a year, and `days_ahead` by how much time was moved on.
    `decide_after` is how long after it came the gateway decides a filing; a gateway that is down says so.
    """

    home: Path
    user: str
    password: str
    seed: int = 1
    population: int = DEFAULT_POPULATION
    today: date | None = None
    days_ahead: int = 0
    life: float = 0.0
    latency: float = 0.0
    timeout_hold: float = 60.0
    faults: Faults = field(default_factory=Faults)
    alert_faults: AlertFaults = field(default_factory=AlertFaults)
    inline_attachments: bool = False
    password_expired: bool = False
    gateway_faults: GatewayFaults = field(default_factory=GatewayFaults)
    decide_after: float = 3.0
    gateway_down: bool = False

    def day(self) -> date:
        """Return the day as of which answers are given, by the clock of this machine unless it is set."""
        return self.start_day() + timedelta(days=self.days_ahead)

    def start_day(self) -> date:
        """Return the day that it would be if time had not been moved on."""
        return self.today or datetime.now().astimezone().date()
