"""Decisions of a sync with the registry: what a failure means for one producer, and for later calls."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import NamedTuple

LONGEST_REASON = 300
LONGEST_RETRY_AFTER = 3600.0
"""Seconds: what a registry may ask us to wait at most. One slip of its clock must not stop us for a year."""

THROTTLES_OF_ONE_PRODUCER = 5
"""After so many in a row, being throttled counts as a failed try of this producer."""


class Failure(StrEnum):
    """The ways in which a registry gives no report."""

    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    TIMED_OUT = "timed_out"
    REJECTED = "rejected"
    BROKEN_ANSWER = "broken_answer"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"


class AfterFailure(StrEnum):
    """The sync statuses that a failure leads to."""

    QUEUED = "queued"
    TIMEOUT = "timeout"
    ERROR = "error"
    RETRY_ERROR = "retry_error"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a producer is tried, and how long the waits between are, in seconds."""

    attempts: int = 5
    first_wait: float = 15.0
    longest_wait: float = 900.0

    def wait(self, tries: int, random: Random) -> float:
        """Seconds to wait after so many failed tries: doubling, capped, and spread over the upper half."""
        full = min(self.longest_wait, self.first_wait * 2.0 ** min(tries - 1, 30))
        return random.uniform(full / 2, full)


class Verdict(NamedTuple):
    """What becomes of a producer: status, tries used up, seconds until the next try (None: there is none)."""

    status: AfterFailure
    attempts: int
    wait: float | None


def judge(
    failure: Failure, *, attempts: int, throttles: int = 0, policy: RetryPolicy, random: Random
) -> Verdict:
    """Decide what a failure means for one producer.

    `attempts` are the tries used up before this one, `throttles` how often in a row it was throttled before.
    What is not about this producer (throttling, our password) uses up no try.
    """
    if failure is Failure.NOT_FOUND:
        return Verdict(AfterFailure.NOT_FOUND, attempts + 1, None)
    if failure is Failure.UNAUTHORIZED:
        return Verdict(AfterFailure.QUEUED, attempts, 0.0)
    if failure is Failure.THROTTLED and throttles + 1 < THROTTLES_OF_ONE_PRODUCER:
        return Verdict(AfterFailure.QUEUED, attempts, 0.0)
    tries = attempts + 1
    if tries >= policy.attempts:
        return Verdict(AfterFailure.RETRY_ERROR, tries, None)
    status = AfterFailure.TIMEOUT if failure is Failure.TIMED_OUT else AfterFailure.ERROR
    return Verdict(status, tries, policy.wait(tries, random))


REASONS = {
    Failure.THROTTLED: "The registry keeps asking us to slow down.",
    Failure.UNAVAILABLE: "The registry could not be reached.",
    Failure.TIMED_OUT: "The registry did not answer in time.",
    Failure.REJECTED: "The registry gave no report.",
    Failure.BROKEN_ANSWER: "The registry's answer could not be read.",
    Failure.UNAUTHORIZED: (
        "The registry refused our user name or password."
        " Set MUSTER_REGISTRY_USER and MUSTER_REGISTRY_PASSWORD, restart Muster, then sync again."
    ),
    Failure.NOT_FOUND: "The registry knows nobody by this NPN.",
    Failure.CONFLICT: "The registry already has something else by this name.",
}


def reason(failure: Failure, words: str = "", *, sentences: Mapping[Failure, str] = REASONS) -> str:
    """Say why there is no report; `words` are the registry's own, or say more precisely what happened.

    `sentences` say it where something else than a report was asked for.
    """
    sentence = sentences[failure]
    if failure is Failure.REJECTED and words:
        sentence = f"The registry answered: {words}"
    elif failure in (Failure.BROKEN_ANSWER, Failure.UNAVAILABLE) and words:
        sentence = f"{sentence.removesuffix('.')}: {words}"
    return sentence if len(sentence) <= LONGEST_REASON else sentence[: LONGEST_REASON - 1] + "…"


class Pause(NamedTuple):
    """How long nothing may be asked of the registry, in seconds; `stop`: and this run is over."""

    seconds: float
    failure: Failure
    stop: bool = False


SILENT = frozenset({Failure.UNAVAILABLE, Failure.TIMED_OUT})


@dataclass
class Pace:
    """How the registry as a whole is doing. Fed with every answer; says when to leave it alone.

    Throttling pauses all calls at once. So does an outage: `patience` calls in a row that got no answer.
    Calls that were under way when a pause began say nothing new, so they do not make it longer.
    """

    policy: RetryPolicy
    random: Random
    patience: int = 32
    resumes_at: float = field(default=0.0, init=False)
    _began_at: float = field(default=float("-inf"), init=False)
    _pauses: int = field(default=0, init=False)
    _silent: int = field(default=0, init=False)

    def note(
        self, failure: Failure | None, *, asked_at: float, now: float, retry_after: float | None = None
    ) -> Pause | None:
        """Take in one answer (`failure` None: a report). Times are seconds of a clock that only goes on."""
        if failure is Failure.UNAUTHORIZED:
            return self._pause(self.policy.longest_wait, failure, now, stop=True)
        if failure is Failure.THROTTLED:
            if asked_at < self._began_at:
                return None
            self._pauses += 1
            wait = self.policy.wait(self._pauses, self.random) if retry_after is None else retry_after
            return self._pause(min(max(wait, 0.0), LONGEST_RETRY_AFTER), failure, now)
        if failure not in SILENT:
            self._silent = self._pauses = 0
            return None
        self._silent += 1
        if self._silent < self.patience or asked_at < self._began_at:
            return None
        self._pauses += 1
        return self._pause(self.policy.wait(self._pauses, self.random), failure, now)

    def _pause(self, seconds: float, failure: Failure, now: float, *, stop: bool = False) -> Pause:
        self._began_at = now
        self.resumes_at = max(self.resumes_at, now + seconds)
        return Pause(seconds, failure, stop)


def names_differ(file_first: str, file_last: str, first: str, last: str) -> bool:
    """Whether the name in a file is another one than the registry's.

    Case, accents, blanks and punctuation make no difference; a nickname does. A name that the file does not
    give differs from nothing.
    """
    return _differs(file_first, first) or _differs(file_last, last)


def names_another(whole: str, last: str) -> bool:
    """Whether a whole name, its parts in any order, lacks this last name; compared as `names_differ` does."""
    return _letters(last) not in _letters(whole)


def _differs(given: str, known: str) -> bool:
    return bool(given) and given != known and _letters(given) != _letters(known)


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.translate(_UNDECOMPOSED)).casefold()
    return "".join(filter(str.isalnum, plain))


# Letters with a stroke do not decompose into a letter and an accent.
_UNDECOMPOSED = str.maketrans(
    {
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ı": "i",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
    }
)
