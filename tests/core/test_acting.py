"""What stands against an action, decided over plain values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core import acting
from muster.core.acting import (
    BATCH_ACTION_LABELS,
    BATCH_APPLICABLE,
    BatchAction,
    BatchStanding,
    Limits,
    Standing,
    applies_to,
    batch_applies_to,
    batch_objection,
    limit_broken,
    objection,
)
from muster.core.findings import CATALOGUE
from muster.core.transactions import APPLICABLE, Action, BatchState, Status

standings = st.builds(
    Standing, st.sampled_from(Status), st.booleans(), st.booleans(), st.booleans(), st.booleans()
)


@given(action=st.sampled_from(Action), standing=standings, two_person=st.booleans())
def test_an_action_outside_its_statuses_never_applies(
    action: Action, standing: Standing, two_person: bool
) -> None:
    against = objection(action, standing, two_person=two_person)
    assert (against == acting.WRONG_STATUS) == (standing.status not in APPLICABLE[action])


@given(standing=standings, two_person=st.booleans())
def test_what_was_sent_is_never_reopened_and_what_is_queued_never_submitted_again(
    standing: Standing, two_person: bool
) -> None:
    if standing.was_sent:
        assert objection(Action.REOPEN, standing, two_person=two_person)
    if standing.is_released:
        assert objection(Action.SUBMIT, standing, two_person=two_person)


@given(action=st.sampled_from(Action), standing=standings)
def test_two_person_release_only_ever_forbids(action: Action, standing: Standing) -> None:
    if objection(action, standing, two_person=False):
        assert objection(action, standing, two_person=True)


@given(
    action=st.sampled_from(BatchAction),
    standing=st.builds(BatchStanding, st.sampled_from(BatchState), st.integers(0, 3), st.booleans()),
)
def test_two_person_release_forbids_no_step_of_a_batch_but_approving_and_submitting(
    action: BatchAction, standing: BatchStanding
) -> None:
    alone = batch_objection(action, standing, two_person=False)
    two = batch_objection(action, standing, two_person=True)
    if action not in (BatchAction.APPROVE, BatchAction.SUBMIT) or not standing.is_mine or alone:
        assert alone == two
    else:
        assert two == acting.PREPARED_IT


@given(
    filings=st.integers(0, 10),
    fees=st.integers(0, 10),
    most=st.none() | st.integers(0, 10),
    cost=st.none() | st.integers(0, 10),
)
def test_a_submission_within_its_limits_breaks_none(
    filings: int, fees: int, most: int | None, cost: int | None
) -> None:
    within = (most is None or filings <= most) and (cost is None or fees <= cost)
    assert bool(limit_broken(Limits(most, cost), filings=filings, fees=fees)) != within


def test_every_code_is_in_the_catalogue_and_those_of_the_person_are_told_apart() -> None:
    codes = {value for name, value in vars(acting).items() if isinstance(value, str) and value[:4] == "TXN-"}
    assert codes <= set(CATALOGUE)
    assert {code for code in codes if code.startswith("TXN-E2")} == acting.NOT_ALLOWED


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (applies_to(Action.RETRY), "Retry applies to those that are Rejected."),
        (applies_to(Action.CANCEL), "Cancel applies to those that are Ready to Submit or Held (JIT)."),
        (batch_applies_to(BatchAction.REVIEW), "Send to review applies to those that are Draft."),
    ],
)
def test_it_is_said_to_what_an_action_applies(told: str, words: str) -> None:
    assert told == words


def test_every_step_of_a_batch_has_a_label_and_a_state() -> None:
    assert set(BATCH_ACTION_LABELS) == set(BATCH_APPLICABLE) == set(BatchAction)
