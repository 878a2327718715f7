"""What each action does in each status, for whom, for how many, and what changes between check and act."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Permission, Role
from muster.bulk.models import Item, OperationState, Policy
from muster.bulk.operations import process
from muster.core import acting
from muster.core.transactions import APPLICABLE, MOVES, WAITING, Action, Status
from muster.history.models import Source
from muster.transactions.actions.transactions import TRANSACTION_KINDS
from muster.transactions.models import Transaction
from tests.make import make_batch, make_member, make_organization, make_producer, make_transaction
from tests.transactions.acting import act, demand, finish, fresh, make_fileable, refusals, start

pytestmark = pytest.mark.django_db

KINDS = {action: kind.name for action, kind in TRANSACTION_KINDS.items()}
LED_TO = {
    Action.CANCEL: Status.CANCELED,
    Action.CLOSE: Status.CLOSED,
    Action.REOPEN: Status.READY,
}


@pytest.fixture
def member() -> Membership:
    return make_member(name="Sam Okafor")


def colleague(member: Membership, role: Role) -> Membership:
    return make_member(member.organization, role)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", Action)
def test_an_action_applies_in_its_statuses_and_in_no_other(
    action: Action, status: Status, member: Membership
) -> None:
    one = make_fileable(member.organization, status=status)
    operation = act(member, KINDS[action], [one], reason="No longer wanted")
    now = fresh(one)
    if status not in APPLICABLE[action]:
        assert refusals(operation) == {1: acting.WRONG_STATUS}
        assert (now.status, now.released_at, now.note) == (status, None, "")
        assert operation.state == OperationState.DONE_WITH_FAILURES
        return
    assert refusals(operation) == {}
    assert operation.state == OperationState.DONE
    if action in LED_TO:
        assert now.status == LED_TO[action]
        assert Status(now.status) in MOVES[status]
    elif action is Action.SUBMIT:
        assert (now.status, now.released_by) == (status, member.user)
    else:
        made = Transaction.objects.get(retry_of=one)
        assert (now.status, made.status, made.batch_id) == (Status.REJECTED, Status.READY, one.batch_id)


def test_what_ends_something_is_told_why_by_whom_and_by_which_operation(member: Membership) -> None:
    one = make_transaction(make_producer(member.organization))
    operation = act(member, "close-transactions", [one], reason="The contract fell through")
    change = one.status_changes.get()
    assert (change.old, change.new, change.note) == ("ready", "closed", "The contract fell through")
    assert (change.source, change.by, change.operation_id) == (Source.PERSON, member.user, operation.pk)


def test_what_was_queued_and_is_canceled_goes_nowhere_even_when_it_is_reopened(member: Membership) -> None:
    one = make_fileable(member.organization)
    act(member, "submit-transactions", [one])
    assert fresh(one).next_at is not None
    act(member, "cancel-transactions", [one], reason="Too early")
    act(member, "reopen-transactions", [one])
    now = fresh(one)
    assert (now.status, now.released_at, now.next_at) == (Status.READY, None, None)


def test_nothing_is_submitted_twice(member: Membership) -> None:
    one = make_transaction(make_producer(member.organization))
    act(member, "submit-transactions", [one])
    first = fresh(one).released_at
    assert refusals(act(member, "submit-transactions", [one])) == {1: acting.QUEUED}
    assert fresh(one).released_at == first


def test_what_was_sent_is_not_reopened(member: Membership) -> None:
    one = make_fileable(member.organization, status="closed", filing_key=uuid4())
    assert refusals(act(member, "reopen-transactions", [one])) == {1: acting.WAS_SENT}
    assert fresh(one).status == Status.CLOSED


def test_what_is_reopened_stands_as_it_is_judged_today(member: Membership) -> None:
    good = make_fileable(member.organization, status="canceled", state_fee=500)
    lost = make_fileable(member.organization, status="closed")
    lost.producer.licenses.update(is_active=False)
    better = make_fileable(
        member.organization,
        status="closed",
        reason="license_not_active",
        failures=[["license_not_active", {}]],
        state_fee=0,
        registry_fee=0,
    )
    operation = start(member, "reopen-transactions", [good, lost, better])
    assert operation.preview["updated"] == 3
    assert (operation.preview["to_ready"], operation.preview["to_not_eligible"]) == (2, 1)
    act(member, "reopen-transactions", [good, lost, better])
    good, lost, better = fresh(good), fresh(lost), fresh(better)
    assert (good.status, good.reason, good.failures, good.state_fee) == (Status.READY, "", [], 500)
    assert lost.status == Status.NOT_ELIGIBLE
    assert (lost.reason, lost.failures[0][0]) == ("no_resident_license", "no_resident_license")
    # What was not eligible had cost nothing, and nobody has told what it costs now.
    assert (better.status, better.failures) == (Status.READY, [])
    assert (better.state_fee, better.registry_fee) == (None, None)


def test_of_two_that_would_be_the_same_filing_one_is_opened(member: Membership) -> None:
    first = make_fileable(member.organization, status="closed")
    second = make_fileable(member.organization, status="closed", producer=first.producer)
    act(member, "reopen-transactions", [first, second])
    assert fresh(first).status == Status.READY
    now = fresh(second)
    assert (now.status, now.failures) == (
        Status.NOT_ELIGIBLE,
        [["open_transaction", {"transaction": first.number}]],
    )


def test_a_retry_is_a_new_transaction_with_a_number_of_its_own(member: Membership) -> None:
    producer = make_producer(member.organization)
    rejected = [
        make_fileable(
            member.organization,
            line,
            producer=producer,
            status="rejected",
            filing_key=uuid4(),
            registry_words="No",
            county="Polk",
            state_fee=1500,
        )
        for line in ("Life", "Health")
    ]
    by = colleague(member, Role.SPECIALIST)
    operation = act(by, "retry-transactions", rejected)
    made = list(Transaction.objects.filter(retry_of__in=rejected).order_by("retry_of"))
    assert len({one.number for one in made}) == 2
    for old, new in zip(rejected, made, strict=True):
        assert (new.producer, new.line_name, new.county, new.state_fee, new.license_number) == (
            producer,
            old.line_name,
            "Polk",
            1500,
            old.license_number,
        )
        assert (new.filing_key, new.registry_words, new.released_at, new.prepared_by) == (
            None,
            "",
            None,
            by.user,
        )
        assert fresh(old).registry_words == "No"
    results = Item.objects.filter(operation=operation).order_by("row_no").values_list("result", flat=True)
    assert list(results) == [{"made": one.number} for one in made]


def test_what_the_registry_has_is_asked_about_after_it_was_closed(member: Membership) -> None:
    now = timezone.now()
    asked = {"filing_key": uuid4(), "submitted_at": now, "released_at": now, "next_at": now}
    at_work = make_fileable(member.organization, status="action_required", **asked)
    decided = make_fileable(
        member.organization, status="rejected", **asked | {"filing_key": uuid4(), "decided_at": now}
    )
    act(member, "close-transactions", [at_work, decided], reason="The agent has left")
    assert [(one.status, one.next_at) for one in map(fresh, (at_work, decided))] == [
        ("closed", now),
        ("closed", None),
    ]


@pytest.mark.parametrize(("action", "status"), [(Action.RETRY, "rejected"), (Action.REOPEN, "closed")])
def test_a_review_does_not_hold_for_what_stands_anew(action: Action, status: str, member: Membership) -> None:
    """Two see each filing: who prepared the batch is not the second for what a colleague has made anew."""
    demand(member.organization, two_person_release=True)
    batch = make_batch(
        make_producer(member.organization),
        prepared_by=member.user,
        state="approved",
        reviewed_at=timezone.now(),
        reviewed_by=member.user,
    )
    one = make_fileable(member.organization, producer=batch.producer, batch=batch, status=status)
    act(colleague(member, Role.SPECIALIST), KINDS[action], [one])
    batch.refresh_from_db()
    assert (batch.state, batch.reviewed_at, batch.reviewed_by) == ("draft", None, None)
    anew = batch.transactions.get(status="ready")
    assert refusals(act(member, "submit-transactions", [anew])) == {1: acting.PREPARED_IT}
    assert refusals(act(colleague(member, Role.SUBMITTER), "submit-transactions", [anew])) == {}


@pytest.mark.parametrize(("status", "may"), [("ready", False), ("accepted", False), ("rejected", True)])
def test_a_retry_that_is_open_or_went_well_needs_no_other(status: str, may: bool, member: Membership) -> None:
    one = make_fileable(member.organization, status="rejected")
    act(member, "retry-transactions", [one])
    Transaction.objects.filter(retry_of=one).update(status=status)
    operation = act(member, "retry-transactions", [one])
    assert refusals(operation) == ({} if may else {1: acting.WAS_RETRIED})
    assert Transaction.objects.filter(retry_of=one).count() == 1 + may


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PRODUCER])
def test_who_may_not_do_it_does_nothing(action: Action, role: Role, member: Membership) -> None:
    one = make_fileable(member.organization, status=min(APPLICABLE[action]))
    by = colleague(member, role)
    may = by.may(TRANSACTION_KINDS[action].permission)
    operation = act(by, KINDS[action], [one], reason="Why not")
    assert refusals(operation) == ({} if may else {1: acting.NOT_PERMITTED})


def test_who_no_longer_may_when_it_is_done_does_nothing(member: Membership) -> None:
    one = make_transaction(make_producer(member.organization))
    by = colleague(member, Role.SUBMITTER)

    def demote() -> None:
        by.role = Role.VIEWER
        by.save()

    operation = act(by, "submit-transactions", [one], meanwhile=demote)
    assert refusals(operation) == {1: acting.NOT_PERMITTED}
    assert fresh(one).released_at is None


@pytest.mark.parametrize("two_person", [False, True])
def test_a_preparer_submits_only_where_one_person_is_enough(two_person: bool, member: Membership) -> None:
    demand(member.organization, two_person_release=two_person)
    mine = make_transaction(make_producer(member.organization), prepared_by=member.user)
    theirs = make_transaction(
        make_producer(member.organization), prepared_by=colleague(member, Role.SPECIALIST).user
    )
    operation = act(member, "submit-transactions", [mine, theirs])
    assert refusals(operation) == ({1: acting.PREPARED_IT} if two_person else {})
    assert (fresh(mine).released_at is None, fresh(theirs).released_at is None) == (two_person, False)


def test_whoever_confirms_is_who_submits_whoever_opened_the_page(member: Membership) -> None:
    demand(member.organization, two_person_release=True)
    preparer = colleague(member, Role.ADMIN)
    producer = make_producer(member.organization)
    mine, theirs = (make_transaction(producer, prepared_by=one.user) for one in (preparer, member))
    operation = start(colleague(member, Role.SUBMITTER), "submit-transactions", [mine, theirs])
    process(operation=operation, member=preparer, policy=Policy.GOOD_ROWS, now=timezone.now(), defer=False)
    finish(operation)
    assert refusals(operation) == {1: acting.PREPARED_IT}
    assert fresh(mine).released_at is None
    assert fresh(theirs).released_by == preparer.user


@pytest.mark.parametrize(
    ("demands", "code", "words"),
    [
        ({"most_filings": 2}, acting.TOO_MANY, {"count": "3", "limit": "2"}),
        ({"most_filings": 3}, "", {}),
        ({"most_fees": 4_999}, acting.TOO_COSTLY, {"fees": "$50.00", "limit": "$49.99"}),
        ({"most_fees": 5_000}, "", {}),
        ({"most_filings": 3, "most_fees": 1}, acting.TOO_COSTLY, {"fees": "$50.00", "limit": "$0.01"}),
    ],
)
def test_a_submission_above_a_limit_submits_nothing(
    demands: dict[str, int], code: str, words: dict[str, str], member: Membership
) -> None:
    demand(member.organization, **demands)
    chosen = [
        make_transaction(make_producer(member.organization), state_fee=fee, registry_fee=500)
        for fee in (1_000, 1_500, 1_000)
    ]
    sent = make_transaction(make_producer(member.organization), status="submitted", state_fee=99_999)
    operation = act(member, "submit-transactions", [*chosen, sent])
    told = {row: found for row, found in refusals(operation).items() if row < 4}
    assert told == (dict.fromkeys((1, 2, 3), code) if code else {})
    if code:
        assert operation.findings.filter(code=code).first().params == words
    assert {fresh(one).released_at is None for one in chosen} == {bool(code)}


def test_a_fee_that_is_not_known_is_told_where_fees_are_limited(member: Membership) -> None:
    one = make_transaction(make_producer(member.organization), state_fee=None, registry_fee=500)
    assert refusals(start(member, "submit-transactions", [one])) == {}
    demand(member.organization, most_fees=500)
    operation = act(member, "submit-transactions", [one])
    assert refusals(operation) == {1: acting.FEE_UNKNOWN}
    assert fresh(one).released_at is not None


def test_a_limit_that_came_down_meanwhile_holds(member: Membership) -> None:
    chosen = [make_transaction(make_producer(member.organization)) for _ in range(2)]
    operation = act(
        member,
        "submit-transactions",
        chosen,
        meanwhile=lambda: demand(member.organization, most_filings=1),
    )
    assert refusals(operation) == {1: acting.TOO_MANY, 2: acting.TOO_MANY}
    assert {fresh(one).released_at for one in chosen} == {None}


@pytest.mark.parametrize("action", Action)
def test_what_changed_between_check_and_act_is_left_alone(action: Action, member: Membership) -> None:
    status = Status.READY if Status.READY in APPLICABLE[action] else min(APPLICABLE[action])
    stays, moves = (make_fileable(member.organization, status=status) for _ in range(2))
    elsewhere = next(one for one in (Status.SUBMITTED, Status.ACCEPTED) if one not in APPLICABLE[action])
    operation = act(
        member,
        KINDS[action],
        [stays, moves],
        reason="Why not",
        meanwhile=lambda: Transaction.objects.filter(pk=moves.pk).update(status=elsewhere),
    )
    assert refusals(operation) == {2: acting.WRONG_STATUS}
    assert fresh(moves).status == elsewhere
    assert Item.objects.get(operation=operation, row_no=1).state == "applied"


def test_what_is_gone_is_said_to_be_gone(member: Membership) -> None:
    first, second = (make_transaction(make_producer(member.organization)) for _ in range(2))
    operation = act(
        member,
        "close-transactions",
        [first, second],
        reason="Why not",
        meanwhile=lambda: Transaction.objects.filter(pk=second.pk).delete(),
    )
    assert refusals(operation) == {2: acting.GONE}


def test_nothing_of_another_organization_is_touched(member: Membership) -> None:
    theirs = make_transaction(make_producer(make_organization()))
    operation = start(member, "close-transactions", [theirs])
    assert refusals(operation) == {1: acting.GONE}
    Item.objects.filter(operation=operation).update(state="ok")
    operation.state = OperationState.RUNNING
    operation.save()
    finish(operation)
    assert fresh(theirs).status == Status.READY


def test_a_batch_is_done_with_the_last_of_its_transactions(member: Membership) -> None:
    producer = make_producer(member.organization)
    batch = make_batch(producer)
    chosen = [make_transaction(producer, batch=batch) for _ in range(2)]
    act(member, "close-transactions", chosen[:1], reason="One")
    batch.refresh_from_db()
    assert batch.state == "draft"
    act(member, "cancel-transactions", chosen[1:], reason="Other")
    batch.refresh_from_db()
    assert batch.state == "done"


@pytest.mark.parametrize("action", Action)
def test_the_number_of_statements_does_not_grow_with_the_items(action: Action, member: Membership) -> None:
    def statements(count: int) -> int:
        chosen = [make_fileable(member.organization, status=min(APPLICABLE[action])) for _ in range(count)]
        with CaptureQueriesContext(connection) as made:
            act(member, KINDS[action], chosen, reason="Many")
        return len(made)

    statements(1)
    assert statements(2) == statements(12)


def test_everything_that_can_be_submitted_waits() -> None:
    assert set(WAITING) == APPLICABLE[Action.SUBMIT]
    assert {kind.permission for kind in TRANSACTION_KINDS.values()} == {
        Permission.PREPARE_FILINGS,
        Permission.RELEASE_FILINGS,
    }
