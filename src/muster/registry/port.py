"""What a registry can do for us, and how it can fail. Operations know this and no particular registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import TracebackType
from typing import ClassVar, NamedTuple, Protocol, Self

from muster.core.alerts import AlertsReport
from muster.core.report import Hit, Kind, ProducerReport
from muster.core.sync import Failure


class Registry(Protocol):
    """The authority that knows licenses. Safe to be called from several threads at once."""

    def fetch_report(self, npn: str, kind: Kind) -> ProducerReport:
        """Fetch all that the registry says about one producer. Raises RegistryError."""
        ...

    def find(self, *, ssn: str, last_name: str, first_name: str = "") -> list[Hit]:
        """Find persons by SSN and name; nobody found is an empty list. Raises RegistryError."""
        ...

    def close(self) -> None:
        """Give back its connections."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class TargetsAnswer(NamedTuple):
    """What became of targets that were to be added or removed: those taken, and why others were not."""

    taken: frozenset[str]
    refused: Mapping[str, str]


class AlertsService(Protocol):
    """The registry's daily reports of what has changed, for the producers on a subscription's list.

    NPNs are without leading zeros. Every method raises RegistryError.
    """

    def subscriptions(self) -> list[str]:
        """The names of our subscriptions."""
        ...

    def add_subscription(self, name: str, *, email: str) -> None:
        """Make a subscription to alerts of all kinds and states."""
        ...

    def targets(self, subscription: str) -> frozenset[str]:
        """The NPNs on the subscription's list."""
        ...

    def add_targets(self, subscription: str, npns: Sequence[str]) -> TargetsAnswer:
        """Put NPNs on the list; those on it already count as taken."""
        ...

    def remove_targets(self, subscription: str, npns: Sequence[str]) -> TargetsAnswer:
        """Take NPNs off the list."""
        ...

    def report(self, day: date) -> AlertsReport:
        """What has changed on a day. Raises NoAlerts where nothing has."""
        ...

    def close(self) -> None:
        """Give back its connections."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class RegistryError(Exception):
    """The registry gave no report. Its words, where it had any, are the message.

    RegistryError
     |- Throttled       it asks us to slow down; retry_after is in seconds, None where it does not say
     |- Unavailable     it could not be reached, or is out of order
     |- TimedOut        it did not answer in time
     |- Rejected        it answered that it will not tell
     |- BrokenAnswer    what it answered cannot be read, or is about someone else
     |- Unauthorized    it does not take our user name and password
     |- NotFound        it knows nobody by this NPN
     +- NoAlerts        it has no alerts for this day
    """

    failure: ClassVar[Failure]

    def __init__(self, words: str = "") -> None:
        super().__init__(words)
        self.words = words


class Throttled(RegistryError):
    """It asks us to slow down."""

    failure = Failure.THROTTLED

    def __init__(self, words: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.retry_after = retry_after


class Unavailable(RegistryError):
    """It could not be reached, or is out of order."""

    failure = Failure.UNAVAILABLE


class TimedOut(RegistryError):
    """It did not answer in time."""

    failure = Failure.TIMED_OUT


class Rejected(RegistryError):
    """It answered that it will not tell."""

    failure = Failure.REJECTED


class BrokenAnswer(RegistryError):
    """What it answered cannot be read, or is about someone else."""

    failure = Failure.BROKEN_ANSWER


class Unauthorized(RegistryError):
    """It does not take our user name and password."""

    failure = Failure.UNAUTHORIZED


class NotFound(RegistryError):
    """It knows nobody by this NPN."""

    failure = Failure.NOT_FOUND


class NoAlerts(RegistryError):
    """It has no alerts for this day."""

    failure = Failure.NOT_FOUND
