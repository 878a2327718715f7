"""Decisions of filing with the registry: what each answer, and each failure, makes of a transaction.

One rule holds them together: nothing is sent again unless what was sent before surely did not arrive, or the
registry says that it never came.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from muster.core.sync import REASONS, Failure
from muster.core.transactions import Status, may_move

TOLD = frozenset({Status.SUBMITTED, Status.ACCEPTED, Status.REJECTED, Status.ACTION_REQUIRED})
"""What the registry says of a filing that it has."""

DECIDED = frozenset({Status.ACCEPTED, Status.REJECTED})
"""After these the registry says nothing else."""

FIRST_LOOK = 2.0
LONGEST_LOOK = 900.0
"""Seconds until a filing is first asked about, and at most between two looks."""


class Arrival(StrEnum):
    """Whether the registry has what we sent, where it did not say how that stands."""

    SURELY_NOT = "surely_not"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    """It came, was read, and cannot be filed as it is: final."""


class NeverCame(StrEnum):
    """The registry says that it has nothing under a key."""

    NEVER_CAME = "never_came"


Outcome = Status | Arrival | NeverCame
"""What a call comes to: one of TOLD, or that there is no answer, or that there is no filing."""


def after_sending(outcome: Status | Arrival, *, waited: Status) -> Status:
    """What a transaction becomes that was sent; `waited` is the status in which it waited before."""
    if isinstance(outcome, Status):
        return outcome
    if outcome is Arrival.SURELY_NOT:
        return waited
    return Status.REJECTED if outcome is Arrival.REFUSED else Status.OUTCOME_UNKNOWN


def after_asking(outcome: Outcome, *, now: Status, waited: Status) -> Status:
    """What a transaction becomes that the registry was asked about while it was in the status `now`.

    Only of one of which nobody knows whether it arrived is it believed that it never came. What the registry
    had once and says it has no longer is for people to look at, and never to be sent again. So is what it
    says where no move leads: nothing changes.
    """
    if isinstance(outcome, Status):
        return outcome if may_move(now, outcome) else now
    if isinstance(outcome, NeverCame) and now is Status.OUTCOME_UNKNOWN:
        return waited
    return now


def wait_as_long_again(seconds: float) -> float:
    """How long until the registry is asked again about what it has had for so long, in seconds.

    That doubles the age with each look: soon where a decision comes soon, and seldom where it does not.
    """
    return min(max(seconds, FIRST_LOOK), LONGEST_LOOK)


SENTENCES: Mapping[Failure, str] = MappingProxyType(
    {
        **REASONS,
        Failure.THROTTLED: "The registry asks us to slow down.",
        Failure.REJECTED: "The registry did not take it.",
        Failure.CONFLICT: "The registry has another filing under this key.",
        Failure.UNAUTHORIZED: (
            "The registry refused our user name or password."
            " Set MUSTER_GATEWAY_USER and MUSTER_GATEWAY_PASSWORD, then restart Muster."
        ),
        Failure.NOT_FOUND: "The registry says that it never came.",
    }
)
"""Why there is no answer to a filing; see `muster.core.sync.reason`."""
