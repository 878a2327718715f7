"""Behaviors and faults as pure decisions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_sandbox.behavior import Behavior, Faults, Outcome, outcome_of

NPNS = st.integers(1, 9_999_999).map(str)


@given(st.integers(0, 1000), NPNS, st.integers(1, 50))
def test_a_fault_is_drawn_from_seed_npn_and_attempt_alone(seed: int, npn: str, attempt: int) -> None:
    faults = Faults(timeout=0.2, error=0.2, throttle=0.2, broken=0.2, http_500=0.1)
    again = Faults.parse("http_500=0.1, broken=0.2,throttle=0.2,error=0.2,timeout=0.2")
    assert faults.drawn(seed=seed, npn=npn, attempt=attempt) == again.drawn(
        seed=seed, npn=npn, attempt=attempt
    )


@given(st.integers(0, 1000), NPNS, st.integers(1, 50))
def test_without_faults_nothing_goes_wrong(seed: int, npn: str, attempt: int) -> None:
    assert Faults().drawn(seed=seed, npn=npn, attempt=attempt) is Outcome.ANSWERED


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("timeout", Outcome.TIMEOUT),
        ("error", Outcome.ERROR),
        ("throttle", Outcome.THROTTLED),
        ("broken", Outcome.BROKEN_XML),
        ("http_500", Outcome.HTTP_500),
    ],
)
def test_a_fault_comes_as_often_as_its_probability_says(name: str, outcome: Outcome) -> None:
    faults = Faults.from_dict({name: 0.1})
    drawn = [faults.drawn(seed=3, npn=str(npn), attempt=1) for npn in range(20_000)]
    assert set(drawn) == {outcome, Outcome.ANSWERED}
    assert 1_800 < drawn.count(outcome) < 2_200


def test_attempts_are_drawn_anew() -> None:
    faults = Faults(error=0.5)
    drawn = {attempt: faults.drawn(seed=1, npn="1000001", attempt=attempt) for attempt in range(1, 50)}
    assert set(drawn.values()) == {Outcome.ERROR, Outcome.ANSWERED}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("timeout", "'timeout' is not of the form name=probability"),
        ("timeout=much", "'timeout=much' is not of the form name=probability"),
        ("sleep=0.1", "'sleep' is not a fault; the faults are timeout, error, throttle, broken, http_500"),
        ("error=1.5", "the probability of error must be between 0 and 1; it is 1.5"),
        ("error=-0.1", "the probability of error must be between 0 and 1; it is -0.1"),
        ("error=nan", "the probability of error must be between 0 and 1; it is nan"),
        ("error=0.6,timeout=0.6", "the probabilities of all faults together must be at most 1"),
    ],
)
def test_faults_that_make_no_sense_are_refused_with_a_reason(text: str, words: str) -> None:
    with pytest.raises(ValueError, match="^" + words.replace("(", r"\(") + "$"):
        Faults.parse(text)


def test_empty_text_is_no_faults() -> None:
    assert Faults.parse("") == Faults.parse(" , ") == Faults()


@pytest.mark.parametrize("behavior", list(Behavior))
def test_every_behavior_settles_after_two_requests(behavior: Behavior) -> None:
    settled = {outcome_of(behavior, attempt) for attempt in range(3, 20)}
    assert len(settled) == 1
    passing = behavior.value.endswith(("once", "twice")) or behavior is Behavior.NORMAL
    assert (settled == {Outcome.ANSWERED}) == passing
