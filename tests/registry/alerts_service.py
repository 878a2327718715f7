"""An alerts service whose every answer a test decides; it counts what it is asked, and can end the caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from types import TracebackType
from typing import Self

from muster.core.alerts import AlertsReport
from muster.registry.port import NoAlerts, RegistryError, Rejected, TargetsAnswer


class Killed(BaseException):
    """Stands for the end of the process: nothing in Muster catches it."""


@dataclass
class ScriptedAlerts:
    """Lists by subscription, reports by day; a day without a report has no alerts.

    A call with a `disliked` NPN is rejected as a whole. `failing` is raised by every call; `killed_at` ends
    the caller in the call of this number, before it is answered, or after it was done (`after`).
    """

    reports: dict[date, AlertsReport | RegistryError] = field(default_factory=dict)
    lists: dict[str, set[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    disliked: set[str] = field(default_factory=set)
    failing: RegistryError | None = None
    lists_failing: RegistryError | None = None
    killed_at: int | None = None
    after: bool = False
    calls: list[tuple[str, object]] = field(default_factory=list)

    def asked(self, name: str) -> list[object]:
        """What the calls of one kind asked for."""
        return [argument for called, argument in self.calls if called == name]

    def subscriptions(self) -> list[str]:
        self._begin("subscriptions", None)
        self._end()
        return list(self.lists)

    def add_subscription(self, name: str, *, email: str) -> None:
        self._begin("add_subscription", (name, email))
        self.lists[name] = set()
        self._end()

    def targets(self, subscription: str) -> frozenset[str]:
        self._begin("targets", subscription)
        if self.lists_failing:
            raise self.lists_failing
        self._end()
        return frozenset(self.lists[subscription])

    def add_targets(self, subscription: str, npns: Sequence[str]) -> TargetsAnswer:
        self._begin("add_targets", list(npns))
        if not self.disliked.isdisjoint(npns):
            raise Rejected("Malformed (code 9)")
        taken = frozenset(npns) - self.refused.keys()
        self.lists[subscription] |= taken
        self._end()
        return TargetsAnswer(taken, {npn: self.refused[npn] for npn in npns if npn in self.refused})

    def remove_targets(self, subscription: str, npns: Sequence[str]) -> TargetsAnswer:
        self._begin("remove_targets", list(npns))
        self.lists[subscription] -= set(npns)
        self._end()
        return TargetsAnswer(frozenset(npns), {})

    def report(self, day: date) -> AlertsReport:
        self._begin("report", day)
        self._end()
        found = self.reports.get(day)
        if found is None:
            raise NoAlerts("There are no alerts.")
        if isinstance(found, RegistryError):
            raise found
        return found

    def close(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass

    def _begin(self, name: str, argument: object) -> None:
        self.calls.append((name, argument))
        if not self.after:
            self._kill()
        if self.failing:
            raise self.failing

    def _end(self) -> None:
        if self.after:
            self._kill()

    def _kill(self) -> None:
        if self.killed_at == len(self.calls):
            raise Killed
