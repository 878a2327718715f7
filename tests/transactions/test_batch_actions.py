"""Reviewing and submitting batches: what each step takes, and who may take it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.core import acting
from muster.core.acting import BATCH_APPLICABLE, BatchAction
from muster.core.transactions import BatchState
from muster.transactions.actions.batches import BATCH_KINDS
from muster.transactions.models import Batch, Transaction
from tests.make import make_batch, make_member, make_producer, make_transaction
from tests.transactions.acting import act, demand, fresh, refusals

pytestmark = pytest.mark.django_db

KINDS = {action: kind.name for action, kind in BATCH_KINDS.items()}
LED_TO = {
    BatchAction.REVIEW: BatchState.IN_REVIEW,
    BatchAction.APPROVE: BatchState.APPROVED,
    BatchAction.RETURN: BatchState.DRAFT,
    BatchAction.SUBMIT: BatchState.SUBMITTED,
}


@pytest.fixture
def member() -> Membership:
    return make_member(name="Ines Duarte")


def make_waiting(member: Membership, *, count: int = 2, **over: object) -> Batch:
    """A batch of which so many transactions wait."""
    producer = make_producer(member.organization)
    batch = make_batch(producer, **over)
    for _ in range(count):
        make_transaction(producer, batch=batch, prepared_by=batch.prepared_by)
    return batch


@pytest.mark.parametrize("state", BatchState)
@pytest.mark.parametrize("action", BatchAction)
def test_a_step_applies_in_its_states_and_in_no_other(
    action: BatchAction, state: BatchState, member: Membership
) -> None:
    batch = make_waiting(member, state=state)
    operation = act(member, KINDS[action], [batch], reason="See the notes")
    batch.refresh_from_db()
    if state in BATCH_APPLICABLE[action]:
        assert refusals(operation) == {}
        assert batch.state == LED_TO[action]
    else:
        assert refusals(operation) == {1: acting.WRONG_STATE}
        assert batch.state == state


def test_a_batch_goes_from_draft_to_the_registry_through_two_hands(member: Membership) -> None:
    demand(member.organization, two_person_release=True)
    preparer = make_member(member.organization, Role.SPECIALIST)
    batch = make_waiting(member, prepared_by=preparer.user)
    act(preparer, "review-batches", [batch])
    act(member, "return-batches", [batch], reason="Wrong county")
    batch.refresh_from_db()
    assert (batch.state, batch.reviewed_by, batch.reviewed_at) == ("draft", member.user, None)
    assert batch.review_note == "Wrong county"
    act(preparer, "review-batches", [batch])
    act(member, "approve-batches", [batch])
    batch.refresh_from_db()
    assert (batch.state, batch.reviewed_by) == ("approved", member.user)
    assert batch.reviewed_at is not None
    operation = act(member, "submit-batches", [batch])
    batch.refresh_from_db()
    assert batch.state == "submitted"
    assert set(batch.transactions.values_list("released_by", flat=True)) == {member.user_id}
    assert refusals(operation) == {}


@pytest.mark.parametrize("action", [BatchAction.APPROVE, BatchAction.SUBMIT])
@pytest.mark.parametrize("prepared", ["the batch", "something of it"])
def test_a_preparer_neither_approves_nor_submits_where_two_are_wanted(
    action: BatchAction, prepared: str, member: Membership
) -> None:
    demand(member.organization, two_person_release=True)
    state = BatchState.IN_REVIEW if action is BatchAction.APPROVE else BatchState.APPROVED
    batch = make_waiting(member, state=state)
    if prepared == "the batch":
        Batch.objects.filter(pk=batch.pk).update(prepared_by=member.user)
    else:
        Transaction.objects.filter(pk=batch.transactions.first().pk).update(prepared_by=member.user)
    assert refusals(act(member, KINDS[action], [batch])) == {1: acting.PREPARED_IT}
    batch.refresh_from_db()
    assert batch.state == state
    assert set(batch.transactions.values_list("released_at", flat=True)) == {None}


def test_a_batch_of_which_nothing_waits_is_neither_reviewed_nor_submitted(member: Membership) -> None:
    batch = make_batch(make_producer(member.organization))
    make_transaction(batch.producer, batch=batch, status="not_eligible")
    assert refusals(act(member, "review-batches", [batch])) == {1: acting.NOTHING_WAITS}
    assert refusals(act(member, "submit-batches", [batch])) == {1: acting.NOTHING_WAITS}


def test_a_submission_counts_the_transactions_of_all_its_batches(member: Membership) -> None:
    demand(member.organization, most_filings=3)
    batches = [make_waiting(member) for _ in range(2)]
    assert refusals(act(member, "submit-batches", batches)) == dict.fromkeys((1, 2), acting.TOO_MANY)
    assert Transaction.objects.filter(released_at__isnull=False).count() == 0
    assert refusals(act(member, "submit-batches", batches[:1])) == {}


def test_what_was_canceled_meanwhile_is_not_submitted_with_its_batch(member: Membership) -> None:
    batch = make_waiting(member)
    gone, stays = batch.transactions.order_by("pk")
    act(
        member,
        "submit-batches",
        [batch],
        meanwhile=lambda: Transaction.objects.filter(pk=gone.pk).update(status="canceled"),
    )
    assert (fresh(gone).released_at, fresh(stays).released_by) == (None, member.user)


def test_what_was_approved_meanwhile_by_another_is_left_alone(member: Membership) -> None:
    batch = make_waiting(member, state="in_review")
    other = make_member(member.organization, Role.SUBMITTER)
    operation = act(
        member,
        "return-batches",
        [batch],
        reason="Wrong county",
        meanwhile=lambda: act(other, "submit-transactions", batch.transactions.all()),
    )
    assert refusals(operation) == {1: acting.WRONG_STATE}
    batch.refresh_from_db()
    assert batch.state == "submitted"


def test_what_waits_again_in_a_batch_can_be_submitted_with_it(member: Membership) -> None:
    batch = make_waiting(member, count=1)
    act(member, "cancel-transactions", batch.transactions.all(), reason="Not yet")
    batch.refresh_from_db()
    assert batch.state == "done"
    Transaction.objects.filter(batch=batch).update(status="ready")
    Batch.objects.filter(pk=batch.pk).update(state="draft")
    act(member, "submit-batches", [batch])
    batch.refresh_from_db()
    assert batch.state == "submitted"


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.SUBMITTER, Role.VIEWER])
@pytest.mark.parametrize("action", BatchAction)
def test_who_may_not_take_a_step_takes_none(action: BatchAction, role: Role, member: Membership) -> None:
    batch = make_waiting(member, state=min(BATCH_APPLICABLE[action]))
    by = make_member(member.organization, role)
    operation = act(by, KINDS[action], [batch], reason="See the notes")
    may = by.may(BATCH_KINDS[action].permission)
    assert refusals(operation) == ({} if may else {1: acting.NOT_PERMITTED})


@pytest.mark.parametrize("action", BatchAction)
def test_the_number_of_statements_does_not_grow_with_the_batches(
    action: BatchAction, member: Membership
) -> None:
    def statements(count: int) -> int:
        batches = [make_waiting(member, state=min(BATCH_APPLICABLE[action])) for _ in range(count)]
        with CaptureQueriesContext(connection) as made:
            act(member, KINDS[action], batches, reason="Many")
        return len(made)

    statements(1)
    assert statements(2) == statements(12)
