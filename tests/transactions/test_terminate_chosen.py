"""Ending appointments that are chosen in a list: what is judged, what is made, and never twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.appointments.models import Appointment
from muster.bulk.kinds import kind_named
from muster.bulk.models import Item, Operation, OperationState, Policy
from muster.bulk.operations import CannotStart, check_anew, process, start_selection
from muster.core.terminating import Batching
from muster.producers.models import Producer
from muster.transactions.actions.endings import Wish
from muster.transactions.handling import Handling
from muster.transactions.models import Batch, Transaction
from tests.make import make_appointment, make_company, make_member, make_producer
from tests.transactions.acting import act, demand, finish, refusals

pytestmark = pytest.mark.django_db(transaction=True)

ENDED = {"status": "Terminated", "status_on": date(2026, 3, 1)}


@pytest.fixture
def member() -> Membership:
    made = make_member(name="Ines Duarte")
    make_company(made.organization)
    return made


@pytest.fixture
def producer(member: Membership) -> Producer:
    return make_producer(member.organization)


def choose(member: Membership, *chosen: Appointment) -> Operation:
    """Have these checked, as a list would."""
    operation = start_selection(
        operation_id=uuid4(),
        member=member,
        kind=kind_named("terminate-appointments"),
        selection=Appointment.objects.filter(pk__in=[one.pk for one in chosen]).order_by("pk"),
        now=timezone.now(),
        defer=False,
    )
    return finish(operation)


def wish(operation: Operation, member: Membership, **told: object) -> Operation:
    """Have them checked by other terms."""
    params = Wish(**told).params  # type: ignore[arg-type]
    check_anew(operation=operation, member=member, params=params, now=timezone.now(), defer=False)
    return finish(operation)


def request(operation: Operation, member: Membership, handling: Handling | None = None) -> Operation:
    """Request what is good."""
    params = (handling or Handling()).params
    process(
        operation=operation,
        member=member,
        policy=Policy.GOOD_ROWS,
        now=timezone.now(),
        params=params,
        defer=False,
    )
    return finish(operation)


def statuses() -> list[tuple[str, str]]:
    return list(Transaction.objects.order_by("number").values_list("jurisdiction", "status"))


def test_each_that_is_chosen_comes_to_a_transaction_and_no_other(
    member: Membership, producer: Producer
) -> None:
    chosen = make_appointment(producer, county_code="Horry")
    make_appointment(producer)
    operation = wish(choose(member, chosen), member, reason="voluntary_termination", note="Left us.")
    request(operation, member)
    [one] = Transaction.objects.all()
    assert (one.status, one.county, one.request_note) == ("ready", "Horry", "Left us.")
    assert one.termination_reason == "Voluntary termination"
    assert Item.objects.get().result["first"] == one.number


def test_what_cannot_be_ended_is_told_beside_what_can(member: Membership, producer: Producer) -> None:
    good, ended, going = (make_appointment(producer, state) for state in ("CA", "TX", "FL"))
    request(choose(member, going), member)
    Appointment.objects.filter(pk=ended.pk).update(**ENDED)
    unwatched = make_appointment(make_producer(member.organization, is_watched=False))
    operation = choose(member, good, ended, going, unwatched)
    assert refusals(operation) == {2: "TERM-E101", 3: "TERM-E102", 4: "TERM-E104"}
    request(operation, member)
    assert statuses() == [("FL", "ready"), ("CA", "ready")]


def test_with_the_company_of_somebody_else_nothing_ends(member: Membership, producer: Producer) -> None:
    theirs = make_appointment(producer, cocode="90199")
    assert refusals(choose(member, theirs, make_appointment(producer))) == {1: "TERM-E108"}


def test_that_an_end_names_no_reason_is_told_until_it_names_one(
    member: Membership, producer: Producer
) -> None:
    operation = choose(member, make_appointment(producer))
    assert list(operation.findings.values_list("code", "value")) == [("TERM-W005", "California")]
    wish(operation, member, reason="voluntary_termination")
    assert not operation.findings.exists()


def test_what_is_gone_or_ended_after_the_check_is_told_and_the_rest_goes_on(
    member: Membership, producer: Producer
) -> None:
    gone, ended, good = (make_appointment(producer, state) for state in ("CA", "TX", "FL"))
    operation = choose(member, gone, ended, good)
    Appointment.objects.filter(pk=gone.pk).update(gone_at=timezone.now())
    Appointment.objects.filter(pk=ended.pk).update(**ENDED)
    request(operation, member)
    assert refusals(operation) == {1: "TXN-E001", 2: "TERM-E101"}
    assert operation.state == OperationState.DONE_WITH_FAILURES
    assert statuses() == [("FL", "ready")]


def test_the_same_one_chosen_twice_ends_once(member: Membership, producer: Producer) -> None:
    one = make_appointment(producer)
    both = Appointment.objects.filter(pk=one.pk)
    operation = start_selection(
        operation_id=uuid4(),
        member=member,
        kind=kind_named("terminate-appointments"),
        selection=both.union(both, all=True),
        now=timezone.now(),
        defer=False,
    )
    finish(operation)
    assert refusals(operation) == {2: "TERM-E103"}
    request(operation, member)
    assert Transaction.objects.count() == 1


REASONS = {
    "a reason that the state does not take": ("FL", {"reason": "appointed_in_error"}, "TERM-E105"),
    "a day that the state refuses": ("CA", {"on": date(2099, 1, 1)}, "TERM-E107"),
}


@pytest.mark.parametrize(("state", "told", "code"), REASONS.values(), ids=REASONS)
def test_new_terms_are_judged_before_anything_is_made(
    state: str, told: dict[str, object], code: str, member: Membership, producer: Producer
) -> None:
    operation = choose(member, make_appointment(producer, state))
    assert not refusals(operation)
    wish(operation, member, **told)
    assert refusals(operation) == {1: code}
    wish(operation, member)
    assert (operation.state, refusals(operation)) == ("ready", {})


def test_what_is_under_way_cannot_be_given_new_terms(member: Membership, producer: Producer) -> None:
    operation = request(choose(member, make_appointment(producer)), member)
    with pytest.raises(CannotStart):
        wish(operation, member, reason="death")


def test_two_people_who_end_the_same_one_at_once_end_it_once(member: Membership, producer: Producer) -> None:
    one = make_appointment(producer)
    colleague = make_member(organization=member.organization)
    operations = [choose(who, one) for who in (member, colleague)]
    ready = Barrier(2)

    def press(operation: Operation, who: Membership) -> None:
        ready.wait()
        request(operation, who)
        connection.close()

    threads = [Thread(target=press, args=pair) for pair in zip(operations, (member, colleague), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Transaction.objects.count() == 1
    told = [refusals(operation) for operation in operations]
    assert sorted(told, key=len) == [{}, {1: "TERM-E102"}]


BATCHES: dict[Batching, list[tuple[str, str]]] = {
    Batching.STATE_AND_COMPANY: [("CA", "90101"), ("CA", "90102"), ("FL", "90101")],
    Batching.STATE: [("CA", ""), ("FL", "")],
    Batching.COMPANY: [("", "90101"), ("", "90102")],
    Batching.ONE: [("", "")],
}


@pytest.mark.parametrize("batching", Batching)
def test_the_transactions_come_into_the_batches_that_were_chosen(
    batching: Batching, member: Membership
) -> None:
    make_company(member.organization, cocode="90102")
    some = [
        make_appointment(make_producer(member.organization), state, cocode=cocode)
        for state, cocode in (("CA", "90101"), ("CA", "90102"), ("FL", "90101"), ("FL", "90101"))
    ]
    request(choose(member, *some), member, Handling(batching))
    found = Batch.objects.order_by("jurisdiction", "cocode")
    assert list(found.values_list("jurisdiction", "cocode")) == BATCHES[batching]
    assert {batch.state for batch in found} == {"draft"}
    assert Transaction.objects.count() == 4


def test_what_is_written_in_several_goes_comes_into_one_batch(
    member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind_named("terminate-appointments"), "chunk", 2)
    some = [make_appointment(make_producer(member.organization)) for _ in range(5)]
    request(choose(member, *some), member)
    batch = Batch.objects.get()
    assert (batch.producer, batch.state, batch.transactions.count()) == (None, "draft", 5)


def test_it_is_submitted_at_once_where_that_is_asked_for_and_permitted(
    member: Membership, producer: Producer
) -> None:
    handling = Handling(submitter=member.user_id)
    operation = request(choose(member, make_appointment(producer)), member, handling)
    one = Transaction.objects.get()
    assert (one.released_by, one.status, one.batch.state) == (member.user, "ready", "submitted")
    assert one.next_at is not None
    assert not refusals(operation)


HELD = {
    "two persons": {"two_person_release": True},
    "a limit of filings": {"most_filings": 1},
}


@pytest.mark.parametrize("demands", HELD.values(), ids=HELD)
def test_what_may_not_be_submitted_at_once_waits_and_is_told_why(
    demands: dict[str, object], member: Membership, producer: Producer
) -> None:
    demand(member.organization, **demands)
    some = [make_appointment(producer, state) for state in ("CA", "FL")]
    operation = request(choose(member, *some), member, Handling(submitter=member.user_id))
    assert list(refusals(operation).values()) == ["TERM-W004"]
    assert not Transaction.objects.filter(released_at__isnull=False).exists()
    assert operation.state == OperationState.DONE


def test_who_prepares_and_does_not_release_has_it_wait(producer: Producer) -> None:
    specialist = make_member(organization=producer.organization, role=Role.SPECIALIST)
    handling = Handling(submitter=specialist.user_id)
    operation = request(choose(specialist, make_appointment(producer)), specialist, handling)
    assert list(refusals(operation).values()) == ["TERM-W004"]
    assert Transaction.objects.get().released_at is None


def test_a_batch_of_many_is_released_by_a_second_person(member: Membership) -> None:
    demand(member.organization, two_person_release=True)
    some = [make_appointment(make_producer(member.organization)) for _ in range(3)]
    request(choose(member, *some), member, Handling(Batching.ONE))
    batch = Batch.objects.get()
    assert refusals(act(member, "submit-batches", [batch])) == {1: "TXN-E202"}
    colleague = make_member(organization=member.organization)
    act(colleague, "submit-batches", [batch])
    assert Transaction.objects.filter(released_by=colleague.user).count() == 3


def test_who_may_no_longer_prepare_filings_ends_nothing(member: Membership, producer: Producer) -> None:
    operation = choose(member, make_appointment(producer))
    Membership.objects.filter(pk=member.pk).update(role=Role.VIEWER.value)
    request(operation, member)
    assert refusals(operation) == {1: "TXN-E201"}
    assert not Transaction.objects.exists()


def test_the_number_of_queries_does_not_grow_with_what_is_chosen(member: Membership) -> None:
    counts = []
    for number in (1, 30):
        some: Iterable[Appointment] = [
            make_appointment(make_producer(member.organization)) for _ in range(number)
        ]
        with CaptureQueriesContext(connection) as queries:
            request(choose(member, *some), member)
        counts.append(len(queries))
    assert counts[0] == counts[1]
