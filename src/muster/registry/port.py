"""What a registry can do for us, and how it can fail. Operations know this and no particular registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import ClassVar, NamedTuple, Protocol, Self
from uuid import UUID

from muster.core.alerts import AlertsReport
from muster.core.gateway import Arrival
from muster.core.report import Hit, Kind, ProducerReport
from muster.core.sync import Failure
from muster.core.transactions import Status


class Registry(Protocol):
    """The authority that knows licenses. Safe to be called from several threads at once."""

    def fetch_report(self, npn: str, kind: Kind) -> ProducerReport:
        """Fetch all that the registry says about one producer. Raises RegistryError."""
        ...

    def find(self, *, ssn: str, last_name: str, first_name: str = "") -> list[Hit]:
        """Find persons by SSN and name; nobody found is an empty list.

        Raises OtherLastName where the SSN belongs to somebody of another last name, and RegistryError.
        """
        ...

    def find_by_license(self, *, number: str, state: str = "") -> list[Hit]:
        """Find persons by the number of a license, in one state or in any. Raises RegistryError."""
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


class Filing(NamedTuple):
    """What is filed. Texts are empty, and days None, where there is nothing to tell.

    `reason` and `for_cause` are of terminations; `lines`, each a code and a name, of licenses.
    """

    kind: str
    npn: str
    state: str
    cocode: str
    company_name: str
    fein: str
    company_license_id: str
    line_code: str
    line_name: str
    license_number: str
    class_code: str
    effective_on: date | None
    county: str
    appointment_type: str
    reason: str = ""
    for_cause: bool = False
    lines: Sequence[Sequence[str]] = ()


class Standing(NamedTuple):
    """How a filing stands with the registry.

    `status` is SUBMITTED, ACCEPTED, REJECTED or ACTION_REQUIRED. `code` and `words` are the registry's, where
    it rejected the filing or asks for something. Fees are in cents, None where it does not say.
    """

    key: UUID
    registry_id: str
    status: Status
    code: str = ""
    words: str = ""
    effective_on: date | None = None
    received_at: datetime | None = None
    decided_at: datetime | None = None
    state_fee: int | None = None
    registry_fee: int | None = None


class Gateway(Protocol):
    """The authority with whom filings are filed. Safe to be called from several threads at once.

    Whatever comes twice under one key is filed once. Every method raises RegistryError; what one of `submit`
    says of whether the filing has arrived stands in its `arrival`, and UNKNOWN is to be said wherever there
    is a doubt.
    """

    def submit(self, filing: Filing, key: UUID) -> Standing:
        """File under this key, or find out how what was filed under it stands."""
        ...

    def ask(self, key: UUID) -> Standing | None:
        """How the filing with this key stands; None only where the registry says that it never came."""
        ...

    def standings(self, keys: Sequence[UUID]) -> Mapping[UUID, Standing | None]:
        """The same of up to MOST_KEYS keys at once, all of which are in the answer."""
        ...

    def close(self) -> None:
        """Give back its connections."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


MOST_KEYS = 500
"""So many filings are asked about at once, at most."""


class RegistryError(Exception):
    """The registry gave no report. Its words, where it had any, are the message.

    `arrival` says of a filing whether the registry may have it nonetheless.

    RegistryError
     |- Throttled       it asks us to slow down; retry_after is in seconds, None where it does not say
     |- Unavailable     it could not be reached, or is out of order
     |- TimedOut        it did not answer in time
     |- Rejected        it answered that it will not tell
     |   +- Malformed   what we sent cannot be filed as it is: final
     |- Conflict        it has another filing under this key
     |- BrokenAnswer    what it answered cannot be read, or is about someone else
     |- Unauthorized    it does not take our user name and password
     |- NotFound        it knows nobody by this NPN
     |   +- OtherLastName   it knows the SSN, and with another last name
     +- NoAlerts        it has no alerts for this day
    """

    failure: ClassVar[Failure]

    def __init__(self, words: str = "", *, arrival: Arrival = Arrival.UNKNOWN) -> None:
        super().__init__(words)
        self.words = words
        self.arrival = arrival


class Throttled(RegistryError):
    """It asks us to slow down."""

    failure = Failure.THROTTLED

    def __init__(
        self, words: str = "", *, retry_after: float | None = None, arrival: Arrival = Arrival.UNKNOWN
    ) -> None:
        super().__init__(words, arrival=arrival)
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


class Malformed(Rejected):
    """What we sent cannot be filed as it is, and was not."""

    def __init__(self, words: str = "") -> None:
        super().__init__(words, arrival=Arrival.REFUSED)


class Conflict(RegistryError):
    """It has another filing under this key."""

    failure = Failure.CONFLICT


class BrokenAnswer(RegistryError):
    """What it answered cannot be read, or is about someone else."""

    failure = Failure.BROKEN_ANSWER


class Unauthorized(RegistryError):
    """It does not take our user name and password."""

    failure = Failure.UNAUTHORIZED


class NotFound(RegistryError):
    """It knows nobody by this NPN."""

    failure = Failure.NOT_FOUND


class OtherLastName(NotFound):
    """It knows the SSN, and with another last name; it does not tell which."""


class NoAlerts(RegistryError):
    """It has no alerts for this day."""

    failure = Failure.NOT_FOUND
