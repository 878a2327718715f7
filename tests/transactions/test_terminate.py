"""Ending appointments by a file: what each row comes to, and what becomes of it at the registry."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.appointments.models import Appointment
from muster.bulk.causes import causes
from muster.bulk.kinds import Span, kind_named, upload_kinds_of
from muster.bulk.models import Operation, OperationState, Policy
from muster.bulk.operations import map_value, process
from muster.bulk.runner import run
from muster.carriers.models import FilingSettings
from muster.core.terminating import Batching
from muster.core.transactions import Status
from muster.producers.models import Producer
from muster.transactions.handling import Handling
from muster.transactions.judging import judge_transactions
from muster.transactions.models import Batch, Transaction
from tests.bulk.uploads import as_csv, check_file, codes, outcomes, process_checked
from tests.make import make_appointment, make_company, make_member, make_producer
from tests.transactions.acting import act, finish
from tests.transactions.filing import ScriptedGateway, file_with, standing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member() -> Membership:
    made = make_member(name="Ines Duarte")
    make_company(made.organization)
    return made


@pytest.fixture
def producer(member: Membership) -> Producer:
    return make_producer(member.organization)


HEADER = (
    *("Related Producer", "NPN", "State Code", "Line of Authority", "CoCode"),
    *("Termination Reason", "Effective Date", "For Cause", "Note"),
)
"""The columns of the report of appointments, in its order, and those of the template."""


def row(producer: Producer, **over: str) -> dict[str, str]:
    return {
        "Related Producer": producer.last_name,
        "NPN": producer.npn,
        "State Code": "CA",
        "Line of Authority": "Life",
        "CoCode": "90101",
        "Termination Reason": "Voluntary termination",
        **over,
    }


def check(member: Membership, *rows: dict[str, str]) -> Operation:
    return check_file(member, as_csv(rows, HEADER), kind="terminate")


def end(member: Membership, *rows: dict[str, str]) -> Operation:
    """Upload these rows, and process the good ones."""
    return process_checked(check(member, *rows), member)


def test_who_mends_a_file_of_another_has_prepared_what_comes_of_it(
    member: Membership, producer: Producer
) -> None:
    make_appointment(producer)
    mender = make_member(member.organization)
    operation = check(member, row(producer, **{"Termination Reason": "Whatever"}))
    map_value(
        operation=operation,
        member=mender,
        field="Termination Reason",
        value="Whatever",
        replacement="Voluntary termination",
        now=timezone.now(),
        defer=False,
    )
    run(operation.pk)
    process_checked(operation, member)
    one = Transaction.objects.select_related("batch").get()
    assert (one.prepared_by, one.batch.prepared_by) == (mender.user, member.user)


def test_an_end_before_the_appointment_began_is_refused(member: Membership, producer: Producer) -> None:
    make_appointment(producer, first_effective_on=date(2019, 4, 1))
    operation = check(member, row(producer, **{"Effective Date": "01/01/1900"}))
    assert "TERM-E012" in [code for _, code in codes(operation)]


def test_an_exported_row_ends_the_appointment_once_the_registry_has_accepted_it(
    member: Membership, producer: Producer
) -> None:
    appointment = make_appointment(producer)
    operation = end(member, row(producer))
    assert (operation.state, outcomes(operation)) == (OperationState.DONE, {2: "created"})
    one = Transaction.objects.get()
    assert (one.kind, one.status, one.released_at, one.line_name) == ("termination", "ready", None, "Life")
    assert (one.line_code, one.prepared_by) == (appointment.line_code, member.user)
    assert Batch.objects.get().state == "draft"
    act(member, "submit-transactions", [one])
    gateway = ScriptedGateway(lambda filing, key: standing(key, Status.ACCEPTED))
    file_with(gateway)
    [filing] = gateway.filings
    assert (filing.kind, filing.reason, filing.for_cause) == ("termination", "Voluntary termination", False)
    appointment.refresh_from_db()
    assert (appointment.status, appointment.termination_reason) == ("Terminated", "Voluntary termination")
    assert appointment.status_on == timezone.localdate()


AGAINST: dict[str, tuple[dict[str, str], str]] = {
    "a producer who is not on file": ({"NPN": "999"}, "TERM-E001"),
    "no such appointment": ({"State Code": "TX"}, "TERM-E003"),
    "a company that is not theirs": ({"CoCode": "90199"}, "TERM-E010"),
    "a line that is close to one we know": ({"Line of Authority": "Lief"}, "TERM-E004"),
    "a reason that the state does not take": ({"Termination Reason": "Appointed in error"}, "TERM-E005"),
    "a day that the state refuses": ({"Effective Date": "2099-01-01"}, "TERM-E007"),
    "for cause without a note": ({"For Cause": "yes"}, "TERM-E008"),
}


@pytest.mark.parametrize(("over", "code"), AGAINST.values(), ids=AGAINST)
def test_what_stands_against_a_row_is_found_and_nothing_is_filed(
    over: dict[str, str], code: str, member: Membership, producer: Producer
) -> None:
    make_appointment(producer)
    operation = end(member, row(producer, **over))
    assert (codes(operation), outcomes(operation)) == ([(2, code)], {2: "rejected"})
    assert not Transaction.objects.exists()


def test_the_name_of_somebody_else_is_a_warning(member: Membership, producer: Producer) -> None:
    make_appointment(producer)
    theirs = check(member, row(producer, **{"Related Producer": "Zora Quill"}))
    assert [code for _, code in codes(theirs)].count("TERM-W006") == 1
    for name in (f"{producer.last_name.upper()}, {producer.first_name}", ""):
        assert (2, "TERM-W006") not in codes(check(member, row(producer, **{"Related Producer": name})))


def test_a_row_that_lacks_in_two_states_counts_once(member: Membership, producer: Producer) -> None:
    found = causes(check(member, row(producer, **{"State Code": "NV;TX"}), row(producer, CoCode="90199")))
    counted = {one.code: (one.count, one.different) for one in found}
    assert counted == {"TERM-E003": (1, 2), "TERM-E010": (1, 1)}


def test_a_producer_who_is_not_watched_is_refused(member: Membership) -> None:
    producer = make_producer(member.organization, is_watched=False)
    make_appointment(producer)
    assert codes(check(member, row(producer))) == [(2, "TERM-E002")]


def test_the_same_file_again_ends_nothing_twice(member: Membership, producer: Producer) -> None:
    make_appointment(producer)
    end(member, row(producer))
    operation = end(member, row(producer))
    assert (codes(operation), outcomes(operation)) == ([(2, "TERM-W002")], {2: "unchanged"})
    assert Transaction.objects.count() == 1
    Transaction.objects.update(status="accepted")
    Appointment.objects.update(status="Terminated", status_on=date(2026, 3, 1))
    operation = end(member, row(producer))
    assert (codes(operation), outcomes(operation)) == ([(2, "TERM-W001")], {2: "unchanged"})
    assert Transaction.objects.count() == 1


def test_what_has_ended_meanwhile_is_not_sent(member: Membership, producer: Producer) -> None:
    make_appointment(producer)
    end(member, row(producer))
    act(member, "submit-transactions", Transaction.objects.all())
    Appointment.objects.update(status="Terminated")
    gateway = ScriptedGateway()
    file_with(gateway, judge=judge_transactions)
    one = Transaction.objects.get()
    assert (gateway.filings, one.status, one.reason) == ([], "not_eligible", "not_in_force")


def test_what_was_canceled_is_reopened_while_the_appointment_stands(
    member: Membership, producer: Producer
) -> None:
    make_appointment(producer)
    end(member, row(producer))
    first = Transaction.objects.get()
    act(member, "cancel-transactions", [first], reason="Not yet")
    act(member, "reopen-transactions", [first])
    assert Transaction.objects.get().status == "ready"
    act(member, "cancel-transactions", [first], reason="Not yet")
    end(member, row(producer))
    act(member, "reopen-transactions", [first])
    first.refresh_from_db()
    assert (first.status, first.reason) == ("not_eligible", "open_transaction")
    assert Transaction.objects.filter(status="ready").count() == 1


def test_a_refused_end_is_retried_for_the_same_reason(member: Membership, producer: Producer) -> None:
    make_appointment(producer)
    end(member, row(producer, **{"For Cause": "yes", "Note": "Sold policies of nobody."}))
    Transaction.objects.update(status="rejected")
    act(member, "retry-transactions", Transaction.objects.all())
    kept = ("termination", "Voluntary termination", True, "Sold policies of nobody.")
    told = ("status", "kind", "termination_reason", "for_cause", "request_note")
    assert list(Transaction.objects.order_by("number").values_list(*told)) == [
        ("rejected", *kept),
        ("ready", *kept),
    ]


def test_two_rows_that_mean_one_appointment_end_it_once(member: Membership, producer: Producer) -> None:
    code = make_appointment(producer).line_code
    operation = end(member, row(producer), row(producer, **{"Line of Authority": code}))
    assert outcomes(operation) == {2: "created", 3: "unchanged"}
    assert operation.preview["created"] == 1
    assert Transaction.objects.count() == 1


def test_two_files_checked_before_either_is_processed_end_it_once(
    member: Membership, producer: Producer
) -> None:
    make_appointment(producer)
    first, second = check(member, row(producer)), check(member, row(producer))
    assert outcomes(process_checked(first, member)) == {2: "created"}
    assert outcomes(process_checked(second, member)) == {2: "unchanged"}
    assert Transaction.objects.count() == 1


def test_what_is_gone_when_it_is_written_is_told(member: Membership, producer: Producer) -> None:
    make_appointment(producer)
    operation = check(member, row(producer))
    Appointment.objects.update(gone_at=timezone.now() - timedelta(days=1))
    process_checked(operation, member)
    assert (codes(operation), outcomes(operation)) == ([(2, "TERM-E009")], {2: "rejected"})


def test_several_states_and_lines_are_a_batch_for_each_state(member: Membership, producer: Producer) -> None:
    for state in ("CA", "FL"):
        make_appointment(producer, state)
    end(member, row(producer, **{"State Code": "CA;FL", "Line of Authority": "life"}))
    assert list(Batch.objects.order_by("number").values_list("jurisdiction", flat=True)) == ["CA", "FL"]
    assert set(Transaction.objects.values_list("termination_reason", flat=True)) == {"Voluntary termination"}


def test_a_blank_reason_is_the_organizations_for_the_state(member: Membership, producer: Producer) -> None:
    FilingSettings.objects.create(organization=member.organization, termination_reasons={"CA": "death"})
    make_appointment(producer)
    end(member, row(producer, **{"Termination Reason": ""}))
    assert Transaction.objects.get().termination_reason == "Death"


def test_what_stands_in_the_companys_own_register_alone_ends_at_once(
    member: Membership, producer: Producer
) -> None:
    make_appointment(producer, origin="internal")
    end(member, row(producer))
    assert Transaction.objects.get().status == "recorded"
    one = Appointment.objects.get()
    assert (one.status, one.termination_reason) == ("Terminated", "Voluntary termination")


def test_appointments_of_another_organization_do_not_end(member: Membership, producer: Producer) -> None:
    make_appointment(producer)
    stranger = make_member()
    assert codes(end(stranger, row(producer))) == [(2, "TERM-E001")]


def test_the_number_of_queries_does_not_grow_with_the_rows(member: Membership) -> None:
    counts = []
    for rows in (1, 40):
        some = [make_producer(member.organization) for _ in range(rows)]
        for one in some:
            make_appointment(one)
        operation = check(member, *map(row, some))
        with CaptureQueriesContext(connection) as queries:
            process_checked(operation, member)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Transaction.objects.count() == 41


def test_who_may_not_prepare_filings_may_not_use_it() -> None:
    assert "terminate" not in {kind.name for kind in upload_kinds_of(make_member(role=Role.VIEWER))}


def test_a_list_with_blanks_and_repeats_is_read_as_what_it_names(
    member: Membership, producer: Producer
) -> None:
    for state in ("CA", "FL"):
        make_appointment(producer, state)
    over = {"State Code": " CA ;; FL; ca ;", "CoCode": "90101; ;90101", "Line of Authority": ";Life; life "}
    assert outcomes(end(member, row(producer, **over))) == {2: "created"}
    assert sorted(Transaction.objects.values_list("jurisdiction", flat=True)) == ["CA", "FL"]


def test_a_state_that_demands_a_date_gets_that_of_the_filing_where_none_is_named(
    member: Membership, producer: Producer
) -> None:
    make_appointment(producer, "CA")
    operation = end(member, row(producer, **{"Effective Date": ""}))
    assert (codes(operation), Transaction.objects.get().effective_on) == ([], None)


def test_a_producer_who_is_no_longer_watched_when_it_is_written_ends_nothing(
    member: Membership, producer: Producer
) -> None:
    make_appointment(producer)
    operation = check(member, row(producer))
    Producer.objects.filter(pk=producer.pk).update(is_watched=False)
    process_checked(operation, member)
    assert (codes(operation), outcomes(operation)) == ([(2, "TERM-E009")], {2: "rejected"})


def test_one_that_was_closed_while_the_registry_has_it_is_still_being_ended(
    member: Membership, producer: Producer
) -> None:
    make_appointment(producer)
    end(member, row(producer))
    Transaction.objects.update(status="closed", submitted_at=timezone.now())
    assert codes(check(member, row(producer))) == [(2, "TERM-W002")]


def handled(member: Membership, operation: Operation, handling: Handling) -> Operation:
    """Process it as somebody has decided on its check page."""
    process(
        operation=operation,
        member=member,
        policy=Policy.GOOD_ROWS,
        now=timezone.now(),
        params=handling.params,
        defer=False,
    )
    return finish(operation)


def test_rows_of_many_producers_come_into_the_batches_that_were_chosen(member: Membership) -> None:
    some = [make_producer(member.organization) for _ in range(3)]
    for one in some:
        make_appointment(one)
    handled(member, check(member, *map(row, some)), Handling(Batching.STATE))
    batch = Batch.objects.get()
    assert (batch.producer, batch.jurisdiction, batch.cocode, batch.row_no) == (None, "CA", "", None)
    assert batch.transactions.count() == 3


def test_a_batch_that_somebody_has_begun_to_review_takes_nothing_more(
    member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind_named("terminate"), "chunk", 1)
    some = [make_producer(member.organization) for _ in range(2)]
    for one in some:
        make_appointment(one)
    operation = check(member, *map(row, some))
    told = kind_named("terminate").apply

    def then_reviewed(span: Span) -> None:
        told(span)
        Batch.objects.update(state="in_review")

    monkeypatch.setattr(kind_named("terminate"), "apply", then_reviewed)
    handled(member, operation, Handling())
    assert [batch.transactions.count() for batch in Batch.objects.order_by("number")] == [1, 1]


def test_a_file_is_submitted_at_once_by_whoever_processes_it(member: Membership, producer: Producer) -> None:
    make_appointment(producer)
    colleague = make_member(member.organization)
    handled(colleague, check(member, row(producer)), Handling(submitter=colleague.user_id))
    one = Transaction.objects.get()
    assert (one.prepared_by, one.released_by) == (member.user, colleague.user)
