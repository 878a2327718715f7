"""What goes wrong with the gateway: with a request to file, or with the decision on what was filed."""

from __future__ import annotations

from dataclasses import dataclass, fields

from muster_sandbox.behavior import Probabilities


@dataclass(frozen=True, slots=True)
class GatewayFaults(Probabilities):
    """Faults of requests, the first four of which file nothing; from `reject` on of decisions."""

    throttle: float = 0.0
    unavailable: float = 0.0
    lost: float = 0.0
    http_500_before: float = 0.0
    dropped: float = 0.0
    held: float = 0.0
    broken: float = 0.0
    http_500: float = 0.0
    reject: float = 0.0
    action_required: float = 0.0


NAMES = tuple(field.name for field in fields(GatewayFaults))
NOT_FILED = frozenset(NAMES[: NAMES.index("dropped")])
OF_REQUESTS = NAMES[: NAMES.index("reject")]
OF_DECISIONS = NAMES[NAMES.index("reject") :]
NORMAL = "normal"
_ONCE = "_once"
BEHAVIORS = (NORMAL, *OF_REQUESTS, *(f"{name}{_ONCE}" for name in OF_REQUESTS), *OF_DECISIONS)


def of_request(faults: GatewayFaults, behavior: str | None, *, seed: int, key: str, times: int) -> str:
    """Return the fault that a key gets when it comes for the n-th time (from 1), or empty text.

    The behavior of the NPN, if one is set, decides alone; `_once` is the first time that the key comes.
    """
    if behavior is None:
        drawn = faults.name_drawn(seed=seed, about=key, attempt=times)
    elif behavior.endswith(_ONCE):
        drawn = behavior.removesuffix(_ONCE) if times == 1 else ""
    else:
        drawn = behavior
    return drawn if drawn in OF_REQUESTS else ""


def of_decision(faults: GatewayFaults, behavior: str | None, *, seed: int, content: str, times: int) -> str:
    """Return what befalls the n-th filing of this content that could be accepted, or empty text."""
    drawn = faults.name_drawn(seed=seed, about=content, attempt=times) if behavior is None else behavior
    return drawn if drawn in OF_DECISIONS else ""
