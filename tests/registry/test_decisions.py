"""What a failure means: for one producer, and for all calls after it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.sync import (
    LONGEST_REASON,
    LONGEST_RETRY_AFTER,
    THROTTLES_OF_ONE_PRODUCER,
    AfterFailure,
    Failure,
    Pace,
    RetryPolicy,
    judge,
    names_differ,
    reason,
)
from muster.producers.models import SyncStatus

POLICY = RetryPolicy(attempts=3, first_wait=10, longest_wait=60)

# failure, tries used up, throttles in a row -> status, tries used up, whether it waits for another try
VERDICTS = [
    (Failure.TIMED_OUT, 0, 0, AfterFailure.TIMEOUT, 1, True),
    (Failure.TIMED_OUT, 1, 0, AfterFailure.TIMEOUT, 2, True),
    (Failure.TIMED_OUT, 2, 0, AfterFailure.RETRY_ERROR, 3, False),
    (Failure.UNAVAILABLE, 0, 0, AfterFailure.ERROR, 1, True),
    (Failure.REJECTED, 1, 0, AfterFailure.ERROR, 2, True),
    (Failure.BROKEN_ANSWER, 2, 0, AfterFailure.RETRY_ERROR, 3, False),
    (Failure.NOT_FOUND, 0, 0, AfterFailure.NOT_FOUND, 1, False),
    # Not about this producer: no try is used up, and it is tried again as soon as the registry is.
    (Failure.UNAUTHORIZED, 2, 0, AfterFailure.QUEUED, 2, None),
    (Failure.THROTTLED, 2, 0, AfterFailure.QUEUED, 2, None),
    (Failure.THROTTLED, 0, THROTTLES_OF_ONE_PRODUCER - 2, AfterFailure.QUEUED, 0, None),
    # But one that is always throttled must not be tried for ever.
    (Failure.THROTTLED, 0, THROTTLES_OF_ONE_PRODUCER - 1, AfterFailure.ERROR, 1, True),
    (Failure.THROTTLED, 2, THROTTLES_OF_ONE_PRODUCER - 1, AfterFailure.RETRY_ERROR, 3, False),
]


@pytest.mark.parametrize(("failure", "attempts", "throttles", "status", "after", "waits"), VERDICTS)
def test_a_failure_decides_what_becomes_of_the_producer(
    failure: Failure, attempts: int, throttles: int, status: AfterFailure, after: int, waits: bool | None
) -> None:
    verdict = judge(failure, attempts=attempts, throttles=throttles, policy=POLICY, random=Random(1))
    assert (verdict.status, verdict.attempts) == (status, after)
    if waits:
        assert verdict.wait is not None
        assert verdict.wait > 0
    else:
        assert verdict.wait == (None if waits is False else 0)


def test_every_status_after_a_failure_is_a_sync_status() -> None:
    assert {status.value for status in AfterFailure} <= set(SyncStatus.values)


@given(st.integers(1, 10_000), st.integers())
def test_waits_double_up_to_the_longest_and_keep_to_the_upper_half(tries: int, seed: int) -> None:
    full = min(60, 10 * 2 ** min(tries - 1, 30))
    assert full / 2 <= POLICY.wait(tries, Random(seed)) <= full


def test_waits_are_spread() -> None:
    random = Random(1)
    assert len({POLICY.wait(3, random) for _ in range(100)}) == 100


@given(st.sampled_from(Failure), st.text(max_size=1000))
def test_a_reason_is_a_sentence_that_fits(failure: Failure, words: str) -> None:
    assert 20 < len(reason(failure, words)) <= LONGEST_REASON


def pace() -> Pace:
    return Pace(POLICY, Random(1), patience=3)


def test_throttling_pauses_all_calls_for_as_long_as_the_registry_says() -> None:
    keeper = pace()
    paused = keeper.note(Failure.THROTTLED, asked_at=100.0, now=100.1, retry_after=7)
    assert paused is not None
    assert (paused.seconds, paused.stop, keeper.resumes_at) == (7, False, 107.1)


def test_a_registry_cannot_stop_us_for_ever() -> None:
    keeper = pace()
    keeper.note(Failure.THROTTLED, asked_at=0.0, now=1.0, retry_after=1e9)
    assert keeper.resumes_at == 1.0 + LONGEST_RETRY_AFTER


def test_without_a_time_given_the_pauses_double() -> None:
    keeper = pace()
    now, waits = 0.0, []
    for _ in range(5):
        paused = keeper.note(Failure.THROTTLED, asked_at=now, now=now)
        assert paused is not None
        waits.append(paused.seconds)
        now = keeper.resumes_at
    assert all(full / 2 <= wait <= full for wait, full in zip(waits, [10, 20, 40, 60, 60], strict=True))


def test_calls_under_way_when_a_pause_began_do_not_make_it_longer() -> None:
    keeper = pace()
    keeper.note(Failure.THROTTLED, asked_at=10.0, now=10.1, retry_after=5)
    assert keeper.note(Failure.THROTTLED, asked_at=10.05, now=10.2, retry_after=5) is None
    assert keeper.resumes_at == 15.1


@pytest.mark.parametrize("silence", [Failure.UNAVAILABLE, Failure.TIMED_OUT])
def test_an_outage_pauses_all_calls(silence: Failure) -> None:
    keeper = pace()
    assert keeper.note(silence, asked_at=0.0, now=1.0) is None
    assert keeper.note(silence, asked_at=0.0, now=1.0) is None
    assert keeper.note(silence, asked_at=0.0, now=1.0) is not None
    assert keeper.resumes_at > 1.0


@pytest.mark.parametrize("answer", [None, Failure.NOT_FOUND, Failure.REJECTED, Failure.BROKEN_ANSWER])
def test_any_answer_shows_that_there_is_no_outage(answer: Failure | None) -> None:
    keeper = pace()
    for _ in range(10):
        assert keeper.note(Failure.UNAVAILABLE, asked_at=0.0, now=1.0) is None
        assert keeper.note(Failure.UNAVAILABLE, asked_at=0.0, now=1.0) is None
        assert keeper.note(answer, asked_at=0.0, now=1.0) is None
    assert keeper.resumes_at == 0.0


def test_a_refused_password_ends_the_run() -> None:
    paused = pace().note(Failure.UNAUTHORIZED, asked_at=0.0, now=1.0)
    assert paused is not None
    assert (paused.stop, paused.seconds) == (True, POLICY.longest_wait)


NAMES = [
    (("Ada", "Alder"), ("Ada", "Alder"), False),
    (("ADA", "alder"), ("Ada", "Alder"), False),
    (("Zoe", "OBrien Nunez"), ("Zoë", "O'Brien-Nuñez"), False),
    (("Søren", "Łukasz"), ("Soren", "Lukasz"), False),
    (("J. R.", "Smith"), ("JR", "Smith"), False),
    (("Straße", "Weiß"), ("Strasse", "Weiss"), False),
    (("", ""), ("Ada", "Alder"), False),
    (("Ada", ""), ("Ada", "Alder"), False),
    (("Peggy", "Abernathy"), ("Margaret", "Abernathy"), True),
    (("Margaret", "Abernathy"), ("Margaret", "Abernathy-Sloan"), True),
    (("Alder", "Ada"), ("Ada", "Alder"), True),
    (("Ada", "Alder"), ("", "Alder & Sons LLC"), True),
    (("李", "王"), ("李", "王"), False),
    (("李", "王"), ("李", "黄"), True),
]


@pytest.mark.parametrize(("given_names", "known", "differ"), NAMES)
def test_names_are_compared_as_people_would(
    given_names: tuple[str, str], known: tuple[str, str], differ: bool
) -> None:
    assert names_differ(*given_names, *known) is differ
