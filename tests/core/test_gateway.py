"""What each answer makes of a filing: no path sends twice what may have arrived, whatever comes when."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from muster.core.gateway import (
    FIRST_LOOK,
    LONGEST_LOOK,
    SENTENCES,
    TOLD,
    Arrival,
    NeverCame,
    Outcome,
    after_asking,
    after_sending,
    wait_as_long_again,
)
from muster.core.sync import LONGEST_REASON, Failure, reason
from muster.core.transactions import ASKED_ABOUT, WAITING, Status, may_move

S = Status
WAITED = st.sampled_from(WAITING)
OUTCOMES = st.sampled_from([*sorted(TOLD), *Arrival, *NeverCame])

SENT: list[tuple[Status | Arrival, Status | None]] = [
    # None: where it waited
    (S.SUBMITTED, S.SUBMITTED),
    (S.ACCEPTED, S.ACCEPTED),
    (S.REJECTED, S.REJECTED),
    (S.ACTION_REQUIRED, S.ACTION_REQUIRED),
    (Arrival.SURELY_NOT, None),
    (Arrival.UNKNOWN, S.OUTCOME_UNKNOWN),
    (Arrival.REFUSED, S.REJECTED),
]


@pytest.mark.parametrize(("outcome", "status"), SENT)
@pytest.mark.parametrize("waited", WAITING)
def test_each_answer_to_a_filing_decides_what_it_becomes(
    outcome: Status | Arrival, status: Status | None, waited: Status
) -> None:
    assert after_sending(outcome, waited=waited) is (status or waited)


ASKED: list[tuple[Status, Outcome, Status | None]] = [
    (S.OUTCOME_UNKNOWN, NeverCame.NEVER_CAME, None),
    (S.OUTCOME_UNKNOWN, S.SUBMITTED, S.SUBMITTED),
    (S.OUTCOME_UNKNOWN, S.ACCEPTED, S.ACCEPTED),
    (S.OUTCOME_UNKNOWN, Arrival.SURELY_NOT, S.OUTCOME_UNKNOWN),
    (S.OUTCOME_UNKNOWN, Arrival.UNKNOWN, S.OUTCOME_UNKNOWN),
    (S.OUTCOME_UNKNOWN, Arrival.REFUSED, S.OUTCOME_UNKNOWN),
    (S.SUBMITTED, NeverCame.NEVER_CAME, S.SUBMITTED),
    (S.SUBMITTED, S.SUBMITTED, S.SUBMITTED),
    (S.SUBMITTED, S.REJECTED, S.REJECTED),
    (S.SUBMITTED, Arrival.SURELY_NOT, S.SUBMITTED),
    (S.ACTION_REQUIRED, NeverCame.NEVER_CAME, S.ACTION_REQUIRED),
    (S.ACTION_REQUIRED, S.SUBMITTED, S.SUBMITTED),
]


@pytest.mark.parametrize(("now", "outcome", "status"), ASKED)
@pytest.mark.parametrize("waited", WAITING)
def test_each_answer_to_a_question_decides_what_it_becomes(
    now: Status, outcome: Outcome, status: Status | None, waited: Status
) -> None:
    assert after_asking(outcome, now=now, waited=waited) is (status or waited)


@given(OUTCOMES, WAITED)
def test_every_move_is_one_that_a_transaction_may_make(outcome: Outcome, waited: Status) -> None:
    if not isinstance(outcome, NeverCame):
        assert may_move(S.SUBMITTING, after_sending(outcome, waited=waited))
    for now in ASKED_ABOUT:
        after = after_asking(outcome, now=now, waited=waited)
        assert after is now or may_move(now, after)


@given(st.sampled_from(Failure), st.text(max_size=1000))
def test_why_there_is_no_answer_is_a_sentence_that_fits(failure: Failure, words: str) -> None:
    assert 20 < len(reason(failure, words, sentences=SENTENCES)) <= LONGEST_REASON


@given(st.floats(-10.0, 1e9))
def test_looks_become_rarer_and_never_stop(age: float) -> None:
    wait = wait_as_long_again(age)
    assert FIRST_LOOK <= wait <= LONGEST_LOOK
    assert wait <= wait_as_long_again(age + 1)
    # Each look comes at most as long after the one before as there was time until then.
    assert wait <= max(age, FIRST_LOOK)


class Filing(RuleBasedStateMachine):
    """One transaction, and a registry that knows no keys: what comes to it is filed, as often as it comes.

    Even with that one, no order of answers, losses and deaths files twice. What keys are for, a request that
    comes late, is left to the tests with the sandbox.
    """

    def __init__(self) -> None:
        super().__init__()
        self.waited = S.READY
        self.status = S.READY
        self.filed = 0
        self.told = S.SUBMITTED

    def move(self, to: Status) -> None:
        assert to is self.status or may_move(self.status, to)
        self.status = to

    @precondition(lambda self: self.status in WAITING)
    @rule()
    def claim(self) -> None:
        self.waited = self.status
        self.move(S.SUBMITTING)

    @precondition(lambda self: self.status is S.SUBMITTING)
    @rule(arrives=st.booleans(), is_answered=st.booleans(), surely=st.booleans())
    def send(self, arrives: bool, is_answered: bool, surely: bool) -> None:
        self.filed += arrives
        outcome: Status | Arrival = Arrival.UNKNOWN
        if arrives and is_answered:
            outcome = self.told
        elif not arrives and surely:
            # Only what did not arrive can be said not to have.
            outcome = Arrival.SURELY_NOT
        self.move(after_sending(outcome, waited=self.waited))

    @precondition(lambda self: self.status is S.SUBMITTING)
    @rule(arrives=st.booleans())
    def die(self, arrives: bool) -> None:
        """Before it was sent, or after; the next drain takes it over."""
        self.filed += arrives
        self.move(S.OUTCOME_UNKNOWN)

    @precondition(lambda self: self.status in ASKED_ABOUT)
    @rule(is_answered=st.booleans())
    def ask(self, is_answered: bool) -> None:
        outcome: Outcome = Arrival.UNKNOWN
        if is_answered:
            outcome = self.told if self.filed else NeverCame.NEVER_CAME
        self.move(after_asking(outcome, now=self.status, waited=self.waited))

    @precondition(lambda self: self.filed > 0 and self.told not in (S.ACCEPTED, S.REJECTED))
    @rule(to=st.sampled_from(sorted(TOLD)))
    def decide(self, to: Status) -> None:
        self.told = to

    @rule()
    def let_time_pass(self) -> None:
        """All there is to do once it is decided."""

    @invariant()
    def is_filed_once_at_most(self) -> None:
        assert self.filed <= 1

    @invariant()
    def is_never_lost(self) -> None:
        """What may have arrived is neither waiting to be sent again nor forgotten."""
        assert self.filed == 0 or self.status not in WAITING
        if self.status in (S.ACCEPTED, S.REJECTED):
            assert self.filed == 1
            assert self.status is self.told


TestFiling = Filing.TestCase
TestFiling.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
