"""Requests for appointments from a file or a program: what is refused, what is written, and never twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.bulk.kinds import upload_kind_named
from muster.bulk.models import Finding, Item, Operation
from muster.bulk.operations import start_upload
from muster.bulk.results import result_rows
from muster.bulk.runner import run
from muster.carriers.models import FilingSettings
from muster.core.findings import sentence
from muster.imports.appoint_columns import COLUMNS
from muster.imports.requesting import preview_appointments, request_appointments
from muster.producers.models import Producer
from muster.transactions.models import Batch, Transaction
from tests.bulk.uploads import as_csv, process_checked
from tests.make import make_business_rule, make_company_state, make_license, make_line, make_member
from tests.transactions.appointing import (
    CALIFORNIA,
    SENTENCE,
    ask,
    make_californian,
    make_carrier_desk,
    make_synced,
    request_for,
    told,
)

pytestmark = pytest.mark.django_db
HEADER = [column.header for column in COLUMNS]


def row(producer: Producer, **over: str) -> dict[str, str]:
    told = {
        "NPN": producer.npn,
        "State(s)": "CA",
        "Carrier CoCode(s)": "90101",
        "LOA Category": "life;health",
    }
    return told | {name.replace("_", " "): text for name, text in over.items()}


def checked(member: Membership, rows: Iterable[dict[str, str]]) -> Operation:
    operation = start_upload(
        operation_id=uuid4(),
        member=member,
        kind=upload_kind_named("appoint"),
        source_name="appoint.csv",
        content=[as_csv(rows, HEADER)],
        now=timezone.now(),
        defer=False,
    )
    run(operation.pk)
    operation.refresh_from_db()
    return operation


def found(operation: Operation) -> list[tuple[int | None, str]]:
    rows = Finding.objects.filter(operation=operation).order_by("row_no", "id")
    return list(rows.values_list("row_no", "code"))


def test_a_file_of_requests_is_checked_with_a_forecast_and_then_written_as_foreseen() -> None:
    member, _ = make_carrier_desk()
    FilingSettings.objects.create(organization=member.organization, registry_fee=153)
    some = [make_californian(member, held) for held in ((0, 1, 2, 3), (0, 1), ())]
    operation = checked(member, [row(one) for one in some])
    assert operation.state == "ready"
    forecast = operation.source_facts["forecast"]
    assert forecast["statuses"] == {"ready": 6, "not_eligible": 6}
    assert forecast["reasons"] == {"license_not_active": 4, "line_not_held": 2}
    assert (forecast["state_fee"], forecast["registry_fee"]) == (6 * 3200, 6 * 153)
    assert not Transaction.objects.exists()
    process_checked(operation, member)
    assert [status for _, status, _ in told(some[0])] == ["ready"] * 4
    assert [reason for *_, reason in told(some[2])] == ["license_not_active"] * 4
    assert Transaction.objects.count() == 12
    assert sorted(Transaction.objects.values_list("number", flat=True)) == list(range(1, 13))
    # Row numbers are those that a spreadsheet shows.
    assert list(Batch.objects.order_by("number").values_list("row_no", flat=True)) == [2, 3, 4]
    results = list(result_rows(operation, may_see_sealed=False))
    assert results[1][-2:] == ["created", "GT-00000001 to GT-00000004: 4 Ready to Submit."]
    assert str(results[2][-1]).endswith("2 Ready to Submit, 2 Not Eligible (Required License Not Found).")


CASES: list[tuple[str, dict[str, Any], dict[str, str], str]] = [
    # what is wrong, the producer, the row, and the code that says so
    ("an unknown NPN", {}, {"NPN": "4999999"}, "APP-E001"),
    ("never synced", {"synced_at": None, "sync_status": "queued"}, {}, "APP-E002"),
    ("not found by the registry", {"sync_status": "not_found"}, {}, "APP-E002"),
    ("not active", {"is_watched": False}, {}, "APP-E003"),
    ("Florida without a county", {}, {"State(s)": "FL"}, "APP-E004"),
    ("South Carolina without a type", {}, {"State(s)": "SC"}, "APP-E005"),
    ("a type that is none", {}, {"State(s)": "SC", "SC Appointment Type": "regional"}, "VAL-E001"),
    ("a line name in a state that has none such", {}, {"LOA Category": "Chimney Sweeping"}, "APP-E007"),
    ("a state that is not one", {}, {"State(s)": "Q9"}, "STATE-E001"),
    ("a CoCode of letters", {}, {"Carrier CoCode(s)": "9010A"}, "COCODE-E001"),
    ("a date that is none", {}, {"Effective Date": "2026-02-30"}, "DATE-E003"),
    ("a date too far back", {}, {"Effective Date": "2020-01-01"}, "APP-E006"),
    ("a line to leave out that is misspelled", {}, {"Leave Out Lines": "Part Time Fraternal"}, "APP-E010"),
    ("a line to leave out that is none", {}, {"Leave Out Lines": "Chimney Sweeping"}, "APP-E010"),
]


@pytest.mark.parametrize(
    ("producer", "over", "code"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_a_request_that_makes_no_sense_is_a_finding_and_makes_no_transaction(
    producer: dict[str, Any], over: dict[str, str], code: str
) -> None:
    member, _ = make_carrier_desk()
    good = make_californian(member)
    bad = make_synced(member, **producer)
    operation = checked(member, [row(bad) | over, row(good)])
    errors = [(row_no, known) for row_no, known in found(operation) if "-E" in known]
    assert errors == [(2, code)]
    finding = Finding.objects.get(operation=operation, code=code)
    assert "…" not in sentence(code, field=finding.field, value=finding.value, params=finding.params)
    process_checked(operation, member)
    assert set(Transaction.objects.values_list("producer", flat=True)) == {good.pk}


def test_a_date_in_the_future_is_refused_where_the_state_refuses_it() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member)
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    operation = checked(member, [row(producer, **{"State(s)": "OH", "Effective Date": tomorrow})])
    assert found(operation) == [(2, "APP-E006")]


def test_where_nobody_has_told_whether_a_state_takes_a_date_to_come_this_is_said() -> None:
    member, _ = make_carrier_desk()
    operation = checked(member, [row(make_californian(member), **{"Effective Date": "2099-12-31"})])
    assert found(operation) == [(2, "APP-W003")]


def test_a_line_to_leave_out_that_is_close_to_one_is_told_which() -> None:
    member, _ = make_carrier_desk()
    over = {"Leave Out Lines": "life ; Part Time Fraternal"}
    operation = checked(member, [row(make_californian(member), **over)])
    finding = Finding.objects.get(operation=operation, code="APP-E010")
    assert (finding.value, finding.params["near"]) == (
        "Part Time Fraternal",
        "; “Part-Time Fraternal” is close",
    )


def test_a_state_that_takes_no_date_says_so_and_files_without_it() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member)
    operation = checked(member, [row(producer, **{"State(s)": "TX", "Effective Date": "2026-11-20"})])
    assert found(operation) == [(2, "APP-W001")]
    process_checked(operation, member)
    assert set(Transaction.objects.values_list("effective_on", flat=True)) == {None}


def test_a_cocode_of_four_digits_is_filled_up_with_a_warning() -> None:
    member, company = make_carrier_desk()
    company.cocode = "00418"
    company.save()
    producer = make_californian(member)
    operation = checked(member, [row(producer, **{"Carrier CoCode(s)": "418"})])
    assert found(operation) == [(2, "COCODE-W001")]
    process_checked(operation, member)
    assert {status for _, status, _ in told(producer)} == {"ready"}


def test_a_line_is_taken_for_its_category() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member)
    operation = checked(member, [row(producer, **{"LOA Category": SENTENCE})])
    assert found(operation) == [(2, "APP-I001")]
    process_checked(operation, member)
    assert [line for line, *_ in told(producer)] == [name for _, name, of in CALIFORNIA if "health" in of]


def test_the_same_request_twice_in_a_file_is_a_duplicate() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member)
    operation = checked(member, [row(producer), row(producer)])
    process_checked(operation, member)
    assert operation.outcomes["created"] == 1
    assert operation.outcomes["duplicate"] == 1
    assert len(told(producer)) == 4


def test_the_same_file_again_changes_nothing() -> None:
    member, _ = make_carrier_desk()
    some = [make_californian(member), make_californian(member, (0,)), make_synced(member)]
    for expected in ("created", "unchanged", "unchanged"):
        operation = checked(member, [row(one) for one in some])
        process_checked(operation, member)
        assert operation.outcomes[expected] == 3
    assert Transaction.objects.count() == 12


def test_a_request_is_answered_anew_once_something_has_changed() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, (0,))
    ask(member, request_for(producer))
    make_line(producer.licenses.get(), SENTENCE, code="9155")
    ask(member, request_for(producer))
    assert told(producer)[4:] == [
        ("Life", "not_eligible", "open_transaction"),
        (SENTENCE, "ready", ""),
        (CALIFORNIA[2][1], "not_eligible", "line_not_held"),
        (CALIFORNIA[3][1], "not_eligible", "line_not_held"),
    ]


def test_a_request_whose_transactions_were_closed_may_be_made_again() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member)
    ask(member, request_for(producer))
    Transaction.objects.update(status="closed")
    assert ask(member, request_for(producer)).outcomes["created"] == 1
    assert [status for _, status, _ in told(producer)] == ["closed"] * 4 + ["ready"] * 4


def test_overlapping_rows_of_a_file_never_file_a_line_twice() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member)
    operation = checked(member, [row(producer, **{"LOA Category": "life"}), row(producer)])
    assert operation.source_facts["forecast"]["statuses"] == {"ready": 4, "not_eligible": 2}
    process_checked(operation, member)
    stands = Transaction.objects.filter(status="not_eligible").order_by("number")
    assert [one.failures for one in stands] == [
        [["open_transaction", {"transaction": 1}]],
        [["open_transaction", {"transaction": 2}]],
    ]


@pytest.mark.parametrize("change", ["company", "producer", "unwatched"])
def test_what_changed_between_check_and_write_is_judged_again(change: str) -> None:
    member, company = make_carrier_desk()
    producer = make_californian(member)
    operation = checked(member, [row(producer)])
    if change == "company":
        company.delete()
    elif change == "producer":
        producer.delete()
    else:
        Producer.objects.update(is_watched=False)
    process_checked(operation, member)
    if change == "company":
        assert told(producer) == [("", "not_eligible", "cocode_not_found")]
    else:
        assert not Transaction.objects.exists()
        assert (operation.state, found(operation)) == ("done_with_failures", [(2, "APP-E008")])


@pytest.mark.parametrize(
    ("settings", "role", "why"),
    [
        ({"two_person_release": True}, Role.ADMIN, "two persons"),
        ({"most_filings": 3}, Role.ADMIN, "at most 3"),
        ({"most_fees": 100}, Role.ADMIN, "$1.00"),
        ({}, Role.SPECIALIST, "your role"),
    ],
)
def test_what_may_not_go_by_itself_waits_and_says_why(settings: dict[str, Any], role: Role, why: str) -> None:
    member, _ = make_carrier_desk(role=role)
    FilingSettings.objects.create(organization=member.organization, **settings)
    producer = make_californian(member)
    operation = ask(member, request_for(producer, submit=True))
    finding = Finding.objects.get(operation=operation, code="APP-W002")
    assert finding.params["count"] == 4
    assert why in finding.params["why"]
    assert set(Transaction.objects.values_list("status", "released_at")) == {("ready", None)}


def test_what_the_organization_lets_go_by_itself_goes_whoever_prepared_it() -> None:
    member, company = make_carrier_desk(role=Role.SPECIALIST)
    company.states.update(auto_submit=True)
    FilingSettings.objects.create(organization=member.organization, auto_submit_bulk_appointments=True)
    operation = ask(member, request_for(make_californian(member)))
    assert not Finding.objects.filter(operation=operation).exists()
    assert Transaction.objects.filter(released_at__isnull=False).count() == 4


def test_a_preview_tells_what_is_then_written_and_writes_nothing() -> None:
    member, _ = make_carrier_desk()
    some = [make_californian(member, held) for held in ((0, 1, 2, 3), (1,), ())]
    make_license(some[1], "TX")
    requests = [request_for(one, left_out=["Part-Time Fraternal"]) for one in some]
    preview = preview_appointments(by=member, requests=requests, today=timezone.localdate())
    assert not Transaction.objects.exists()
    ask(member, *requests)
    foreseen = [
        (
            answer.person.id,
            line.verdict.line.line.line_name if line.verdict.line else "",
            line.verdict.status.value,
            line.verdict.reason,
            line.state_fee,
            line.registry_fee,
        )
        for answer in preview.answers
        for line in answer.lines
    ]
    written = Transaction.objects.order_by("number").values_list(
        "producer_id", "line_name", "status", "reason", "state_fee", "registry_fee"
    )
    assert list(written) == foreseen
    assert len(foreseen) == 9


def test_two_licenses_for_one_line_in_a_registry_state_are_one_entry_of_the_register() -> None:
    member, company = make_carrier_desk()
    make_business_rule(member.organization, "AZ", line_code="L", line_name="Life", categories=["life"])
    make_company_state(company, "AZ")
    producer = make_synced(member)
    for _ in range(2):
        make_line(make_license(producer, "AZ"), "Life", code="L")
    operation = ask(member, request_for(producer, states=["AZ"], categories=["life"]))
    assert (operation.state, [status for _, status, _ in told(producer)]) == ("done", ["recorded"] * 2)
    assert producer.appointments.count() == 1


def test_what_was_found_not_eligible_when_it_was_to_be_sent_can_be_requested_again() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, (0,))
    ask(member, request_for(producer, categories=["life"]))
    Transaction.objects.filter(status="ready").update(status="not_eligible", reason="no_resident_license")
    assert ask(member, request_for(producer, categories=["life"])).outcomes["created"] == 1
    assert Transaction.objects.filter(status="ready").count() == 1


def test_what_was_closed_after_it_was_sent_stands_in_the_way_until_it_is_decided() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, (0,))
    ask(member, request_for(producer, categories=["life"]))
    Transaction.objects.filter(number=1).update(
        status="closed", filing_key=uuid4(), submitted_at=timezone.now()
    )
    ask(member, request_for(producer, categories=["life"]))
    one = Transaction.objects.filter(line_name="Life").latest("number")
    assert one.failures == [["open_transaction", {"transaction": 1}]]
    Transaction.objects.filter(number=1).update(decided_at=timezone.now())
    ask(member, request_for(producer, categories=["life"]))
    assert Transaction.objects.filter(line_name="Life", status="ready").count() == 1


def test_the_same_request_that_is_now_to_be_submitted_lets_go_what_waits() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member)
    ask(member, request_for(producer))
    operation = ask(member, request_for(producer, submit=True))
    assert operation.outcomes["updated"] == 1
    assert Transaction.objects.filter(released_at__isnull=False).count() == 4
    assert ask(member, request_for(producer, submit=True)).outcomes["unchanged"] == 1
    assert len(told(producer)) == 4


@pytest.mark.parametrize("limit", [{"most_filings": 5}, {"most_fees": 5 * 3200}])
def test_a_limit_that_is_set_after_the_check_counts_when_it_is_written(limit: dict[str, int]) -> None:
    member, _ = make_carrier_desk()
    some = [make_californian(member) for _ in range(3)]
    operation = checked(member, [row(one, **{"Auto Submit": "yes"}) for one in some])
    FilingSettings.objects.create(organization=member.organization, **limit)
    process_checked(operation, member)
    assert not Transaction.objects.filter(released_at__isnull=False).exists()
    assert [code for _, code in found(operation)] == ["APP-W002"]


def test_a_row_that_asks_for_too_much_is_refused() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member)
    cocodes = ";".join(str(91_000 + number) for number in range(1_001))
    assert (2, "APP-E009") in found(checked(member, [row(producer, **{"Carrier CoCode(s)": cocodes})]))


def test_the_same_id_twice_starts_one_operation() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member)
    operation_id = uuid4()
    for _ in range(2):
        request_appointments(
            by=member,
            requests=[request_for(producer)],
            operation_id=operation_id,
            now=timezone.now(),
            defer=False,
        )
        run(operation_id)
    assert Item.objects.filter(operation=operation_id).count() == 1
    assert len(told(producer)) == 4


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUBMITTER, Role.PRODUCER])
def test_who_may_not_prepare_filings_requests_nothing(role: Role) -> None:
    member = make_member(role=role)
    with pytest.raises(PermissionDenied):
        request_appointments(by=member, requests=[], operation_id=uuid4(), now=timezone.now())


def test_producers_and_companies_of_others_are_not_known() -> None:
    member, _ = make_carrier_desk()
    other, _ = make_carrier_desk()
    theirs = make_californian(other)
    operation = checked(member, [row(theirs)])
    assert found(operation) == [(2, "APP-E001")]


def test_the_number_of_queries_does_not_grow_with_the_rows() -> None:
    from django.test.utils import CaptureQueriesContext

    member, _ = make_carrier_desk()
    counts = []
    for number in (2, 40):
        some = [make_californian(member) for _ in range(number)]
        with CaptureQueriesContext(connection) as made:
            ask(member, *(request_for(one) for one in some))
        counts.append(len(made))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_the_same_request_in_two_files_at_once_is_filed_once() -> None:
    member, _ = make_carrier_desk()
    some = [make_californian(member) for _ in range(20)]
    operations = [checked(member, [row(one) for one in order]) for order in (some, some[::-1])]
    barrier = Barrier(2)

    def work(operation: Operation) -> None:
        barrier.wait()
        try:
            process_checked(operation, member)
        finally:
            connection.close()

    threads = [Thread(target=work, args=(operation,)) for operation in operations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Transaction.objects.filter(status="ready").count() == 80
    outcomes = [Operation.objects.get(pk=one.pk).outcomes for one in operations]
    assert sum(one["created"] for one in outcomes) == 20
    assert sum(one["unchanged"] for one in outcomes) == 20
