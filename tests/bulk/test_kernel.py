"""The kernel: states, halving, mending, canceling, sweeping."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from muster.audit.models import Event
from muster.bulk import runner
from muster.bulk.beat import sole_runner
from muster.bulk.causes import causes
from muster.bulk.kinds import Span, upload_kind_named
from muster.bulk.models import Finding, Item, ItemState, Operation, OperationState, UploadPart
from muster.bulk.operations import (
    CannotStart,
    NotThisOne,
    cancel,
    check_again,
    map_value,
    process,
    start_upload,
)
from muster.bulk.queries import operations_that_touched, progress
from muster.bulk.runner import MOST_REVIVALS, run
from muster.bulk.states import MOVES, UNDER_WAY, move
from muster.bulk.sweeper import purge_old_rows, sweep_silent_operations
from muster.core.findings import Severity
from muster.imports.agent import AgentUpload
from muster.producers.models import Agency, Producer
from tests.bulk.uploads import (
    AGENCY,
    HEADER,
    as_csv,
    check_file,
    codes,
    import_file,
    make_desk,
    outcomes,
    process_checked,
    results_file,
    row,
)
from tests.make import make_organization

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.mark.parametrize("start", list(OperationState))
@pytest.mark.parametrize("end", list(OperationState))
def test_an_operation_moves_only_as_the_table_says(start: OperationState, end: OperationState) -> None:
    operation = Operation.objects.create(
        id=uuid4(), organization=make_organization(), kind="agent", state=start
    )
    assert move(operation.pk, to=end) is (end in MOVES[start])


def test_posting_twice_starts_one_operation() -> None:
    desk = make_desk()
    told = {
        "operation_id": uuid4(),
        "member": desk,
        "kind": upload_kind_named("agent"),
        "source_name": "a.csv",
        "content": [as_csv([row()])],
        "now": NOW,
        "defer": False,
    }
    assert start_upload(**told).pk == start_upload(**told).pk
    assert Operation.objects.filter(organization=desk.organization).count() == 1
    with pytest.raises(NotThisOne):
        start_upload(**(told | {"member": make_desk()}))


def test_the_file_is_sealed_while_it_waits_and_gone_once_it_is_read() -> None:
    desk = make_desk()
    operation = start_upload(
        operation_id=uuid4(),
        member=desk,
        kind=upload_kind_named("agent"),
        source_name="a.csv",
        content=[as_csv([row(Agent_SSN="123-45-6789")])],
        now=NOW,
        defer=False,
    )
    sealed = b"".join(bytes(part.sealed) for part in UploadPart.objects.filter(operation=operation))
    assert sealed
    assert b"Alder" not in sealed
    run(operation.pk)
    assert not UploadPart.objects.filter(operation=operation).exists()


def test_an_unreadable_file_is_blocked_with_its_finding_and_leaves_no_rows() -> None:
    operation = check_file(make_desk(), b"First Name,Last Name\nAda,Alder\n")
    assert operation.state == OperationState.BLOCKED
    assert {code for _, code in codes(operation)} == {"COL-E003"}
    assert not Item.objects.filter(operation=operation).exists()
    with pytest.raises(CannotStart):
        process(operation=operation, member=make_desk(), policy=operation.policy, now=NOW, defer=False)


@pytest.mark.parametrize("bad", [set(), {2}, {9}, {2, 9}, {4, 5, 6}, set(range(2, 10))])
def test_halving_finds_exactly_the_rows_that_the_database_refuses(bad: set[int]) -> None:
    desk = make_desk()
    rows = [row(Agent_NPN=str(4000000 + number)) for number in range(2, 10)]
    operation = check_file(desk, as_csv(rows))
    # An agency that is deleted between check and processing breaks the foreign key of the rows that name it.
    gone = Agency.objects.create(organization=desk.organization, npn="8300001", name="Gone")
    for item in Item.objects.filter(operation=operation, row_no__in=bad):
        Item.objects.filter(pk=item.pk).update(data=item.data | {"agency_id": gone.pk})
    gone.delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    operation = process_checked(operation, desk)
    assert {number for number, outcome in outcomes(operation).items() if outcome == "rejected"} == bad
    assert [number for number, code in codes(operation) if code == "ROW-E901"] == sorted(bad)
    assert Producer.objects.filter(organization=desk.organization).count() == 8 - len(bad)


def test_a_wrong_value_is_mapped_once_for_all_its_rows() -> None:
    desk = make_desk()
    values = {
        "LOA_Category": "life",
        "Scorecard_Type": "license",
        "Agent_Type": "producer",
        "States": "Calif.",
    }
    operation = check_file(desk, as_csv([row(Agent_NPN=str(4000000 + n), **values) for n in range(40)]))
    ((told,),) = [cause.values for cause in causes(operation, severities=list(Severity))]
    assert (told.count, told.value, list(told.rows)) == (40, "Calif.", [2, 3, 4, 5, 6])
    map_value(
        operation=operation,
        member=desk,
        field="States",
        value="Calif.",
        replacement="CA",
        now=NOW,
        defer=False,
    )
    run(operation.pk)
    operation.refresh_from_db()
    assert not causes(operation, severities=list(Severity))
    assert operation.preview == {"created": 40, "duplicate": 0, "rejected": 0}


def test_an_agency_that_is_made_on_the_way_mends_its_rows() -> None:
    desk = make_desk()
    operation = import_file(desk, as_csv([row(), row(Agent_NPN="44", Agency_NPN="8299999")]))
    assert operation.state == OperationState.DONE_WITH_FAILURES
    Agency.objects.create(organization=desk.organization, npn="8299999", name="New")
    check_again(operation=operation, member=desk, now=NOW, defer=False)
    run(operation.pk)
    operation.refresh_from_db()
    assert operation.state == OperationState.READY
    operation = process_checked(operation, desk)
    assert operation.state == OperationState.DONE
    assert outcomes(operation) == {2: "created", 3: "created"}


def test_a_row_that_was_mended_is_still_held_against_those_that_are_written() -> None:
    desk = make_desk()
    told = [row(), row(Last_Name="Birch", Agency_NPN="8299999")]
    operation = import_file(desk, as_csv(told))
    assert outcomes(operation) == {2: "rejected", 3: "rejected"}
    Agency.objects.create(organization=desk.organization, npn="8299999", name="New")
    check_again(operation=operation, member=desk, now=NOW, defer=False)
    run(operation.pk)
    assert {code for _, code in codes(operation)} == {"ROW-E902"}


def test_a_row_that_could_not_be_read_stays_rejected_until_the_file_is_mended() -> None:
    desk = make_desk()
    content = as_csv([row(), row(Agent_NPN="77")])[:-2] + b",too,many,cells\r\n"
    operation = import_file(desk, content)
    assert codes(operation) == [(3, "ROW-E002")]
    check_again(operation=operation, member=desk, now=NOW, defer=False)
    run(operation.pk)
    operation = process_checked(operation, desk)
    assert codes(operation) == [(3, "ROW-E002")]
    assert outcomes(operation) == {2: "created", 3: "rejected"}


def test_canceling_before_processing_writes_nothing() -> None:
    desk = make_desk()
    operation = check_file(desk, as_csv([row()]))
    cancel(operation=operation, member=desk, now=NOW)
    operation.refresh_from_db()
    assert operation.state == OperationState.CANCELED
    with pytest.raises(CannotStart):
        process(operation=operation, member=desk, policy=operation.policy, now=NOW, defer=False)
    assert not Producer.objects.filter(organization=desk.organization).exists()


def test_canceling_a_check_keeps_nothing_of_the_file() -> None:
    desk = make_desk()
    operation = start_upload(
        operation_id=uuid4(),
        member=desk,
        kind=upload_kind_named("agent"),
        source_name="a.csv",
        content=[as_csv([row()])],
        now=NOW,
        defer=False,
    )
    cancel(operation=operation, member=desk, now=NOW)
    run(operation.pk)
    operation.refresh_from_db()
    assert operation.state == OperationState.CANCELED
    assert not UploadPart.objects.filter(operation=operation).exists()
    with pytest.raises(CannotStart):
        check_again(operation=operation, member=desk, now=NOW, defer=False)


def test_a_canceled_import_can_be_gone_on_with_once_its_check_had_ended() -> None:
    desk = make_desk()
    operation = check_file(desk, as_csv([row(), row(Agent_NPN="77")]))
    cancel(operation=operation, member=desk, now=NOW)
    check_again(operation=operation, member=desk, now=NOW, defer=False)
    run(operation.pk)
    operation = process_checked(operation, desk)
    assert outcomes(operation) == {2: "created", 3: "created"}


def test_a_cancel_that_comes_while_the_preview_is_made_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = make_desk()
    preview = AgentUpload.preview

    def cancel_meanwhile(self: AgentUpload, operation: Operation) -> dict[str, int]:
        cancel(operation=operation, member=desk, now=NOW)
        return preview(self, operation)

    monkeypatch.setattr(AgentUpload, "preview", cancel_meanwhile)
    assert check_file(desk, as_csv([row()])).state == OperationState.CANCELED


def test_what_is_mended_while_a_check_runs_is_looked_at_before_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = make_desk()
    preview, asked = AgentUpload.preview, []

    def mend_meanwhile(self: AgentUpload, operation: Operation) -> dict[str, int]:
        if not asked:
            asked.append(Agency.objects.create(organization=desk.organization, npn="8299999", name="New"))
            check_again(operation=operation, member=desk, now=NOW, defer=False)
        return preview(self, operation)

    monkeypatch.setattr(AgentUpload, "preview", mend_meanwhile)
    operation = check_file(desk, as_csv([row(Agency_NPN="8299999")]))
    assert operation.state == OperationState.READY
    assert codes(operation) == []


def test_a_check_that_is_done_over_tells_each_contradiction_once() -> None:
    desk = make_desk()
    operation = check_file(desk, as_csv([row(), row(Last_Name="Birch")]))
    before = codes(operation)
    # What a worker leaves behind that is killed just before the end of the check.
    Operation.objects.filter(pk=operation.pk).update(state="checking", beat_at=NOW)
    run(operation.pk)
    assert codes(operation) == before


def test_a_fault_of_our_own_stalls_at_once_and_one_of_the_moment_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = make_desk()
    faults = [OperationalError("the database is gone"), ValueError("a fault")]

    def fail(self: AgentUpload, operation: Operation) -> dict[str, int]:
        raise faults.pop(0)

    monkeypatch.setattr(AgentUpload, "preview", fail)
    operation = start_upload(
        operation_id=uuid4(),
        member=desk,
        kind=upload_kind_named("agent"),
        source_name="a.csv",
        content=[as_csv([row()])],
        now=NOW,
        defer=False,
    )
    for error, state in ((OperationalError, "checking"), (ValueError, "stalled")):
        with pytest.raises(error):
            run(operation.pk)
        operation.refresh_from_db()
        assert operation.state == state


def test_an_unknown_column_may_have_a_name_of_any_length() -> None:
    name = "Please list all states the producer is going to be appointed in (with semicolons) " * 9
    operation = check_file(make_desk(), as_csv([row()], [*HEADER, name]))
    assert (operation.state, codes(operation)) == (OperationState.READY, [(None, "COL-I001")])


def test_a_stalled_check_is_not_gone_on_with_as_processing() -> None:
    desk = make_desk()
    operation = check_file(desk, as_csv([row(), row(Last_Name="Birch")]))
    Operation.objects.filter(pk=operation.pk).update(state="stalled")
    with pytest.raises(CannotStart):
        process(operation=operation, member=desk, policy=operation.policy, now=NOW, defer=False)
    check_again(operation=operation, member=desk, now=NOW, defer=False)
    run(operation.pk)
    assert outcomes(process_checked(operation, desk)) == {2: "rejected", 3: "rejected"}


def test_what_is_asked_while_the_operation_is_held_is_done_by_who_holds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = make_desk()
    finish = runner.move

    def ask_at_once(operation_id: UUID, **told: Any) -> bool:
        moved = finish(operation_id, **told)
        if told["to"] == OperationState.READY:
            # The page is quick: its job arrives before the lock is let go, and goes away again.
            found = Operation.objects.get(pk=operation_id)
            process(operation=found, member=desk, policy=found.policy, now=NOW, defer=False)
        return moved

    monkeypatch.setattr(runner, "move", ask_at_once)
    assert check_file(desk, as_csv([row()])).state == OperationState.DONE


def test_canceling_on_the_way_stops_at_the_next_chunk_and_ends_canceled() -> None:
    desk = make_desk()
    operation = check_file(desk, as_csv([row()]))
    process(operation=operation, member=desk, policy=operation.policy, now=NOW, defer=False)
    cancel(operation=operation, member=desk, now=NOW)
    run(operation.pk)
    operation.refresh_from_db()
    assert operation.state == OperationState.CANCELED
    assert not Producer.objects.filter(organization=desk.organization).exists()


def test_processing_twice_does_it_once() -> None:
    desk = make_desk()
    operation = import_file(desk, as_csv([row()]))
    process(operation=operation, member=desk, policy=operation.policy, now=NOW, defer=False)
    operation.refresh_from_db()
    assert operation.state == OperationState.DONE


def test_the_failed_rows_alone_can_be_taken_out_and_mended() -> None:
    desk = make_desk()
    operation = import_file(desk, as_csv([row(), row(Agent_NPN="abc"), row(Agent_NPN="55")]))
    failed = results_file(operation, only_failed=True)
    assert failed.count(b"\r\n") == 2
    again = import_file(desk, failed.replace(b"abc", b"66"))
    assert outcomes(again) == {2: "created"}


def test_a_silent_operation_is_queued_again_and_stalls_after_too_many_tries() -> None:
    operation = check_file(make_desk(), as_csv([row()]))
    Operation.objects.filter(pk=operation.pk).update(state="running", beat_at=NOW - timedelta(minutes=5))
    for _ in range(MOST_REVIVALS):
        Operation.objects.filter(pk=operation.pk).update(beat_at=NOW - timedelta(minutes=5))
        assert sweep_silent_operations() == 1
    assert sweep_silent_operations() == 0
    Operation.objects.filter(pk=operation.pk).update(beat_at=NOW - timedelta(minutes=5))
    sweep_silent_operations()
    operation.refresh_from_db()
    assert operation.state == OperationState.STALLED


def test_an_operation_whose_runner_lives_is_left_alone() -> None:
    operation = check_file(make_desk(), as_csv([row()]))
    Operation.objects.filter(pk=operation.pk).update(state="running", beat_at=NOW - timedelta(minutes=5))
    with sole_runner(operation.pk) as ours:
        assert ours
        assert sweep_silent_operations() == 0
    assert sweep_silent_operations() == 1


def test_progress_comes_from_the_operation_alone() -> None:
    operation = Operation(state="running", done=250, total=1000)
    assert (progress(operation).percent, progress(operation).moves) == (25, True)
    assert progress(Operation(state="checking", done=9, total=None)).percent is None
    assert progress(Operation(state="running", done=1000, total=1000)).percent == 99
    moving = {state for state in OperationState if progress(Operation(state=state)).moves}
    assert moving == UNDER_WAY == {OperationState.CHECKING, OperationState.RUNNING}


def test_what_touched_a_producer_can_be_asked() -> None:
    desk = make_desk()
    operation = import_file(desk, as_csv([row()]))
    producer = Producer.objects.get(organization=desk.organization)
    (touch,) = operations_that_touched(
        organization_id=desk.organization_id, target_id=producer.pk, kinds=["agent"]
    )
    assert (touch.operation, touch.row_no, touch.outcome) == (operation, 2, "created")
    assert not operations_that_touched(
        organization_id=make_desk().organization_id, target_id=producer.pk, kinds=["agent"]
    )


def test_rows_are_forgotten_after_their_time_and_the_counts_stay() -> None:
    operation = import_file(make_desk(), as_csv([row(), row(Agent_NPN="abc")]))
    purge_old_rows()
    assert Item.objects.filter(operation=operation).exclude(cells=[]).count() == 2
    Operation.objects.filter(pk=operation.pk).update(finished_at=NOW - timedelta(days=400))
    purge_old_rows()
    assert Item.objects.filter(operation=operation).exclude(cells=[]).count() == 0
    assert not Finding.objects.filter(operation=operation, value__isnull=False).exists()
    assert outcomes(operation) == {2: "created", 3: "rejected"}
    with pytest.raises(CannotStart):
        check_again(operation=operation, member=make_desk(), now=NOW, defer=False)


def test_the_rows_of_an_import_that_nobody_processes_are_forgotten_too() -> None:
    operation = check_file(make_desk(), as_csv([row()]))
    Operation.objects.filter(pk=operation.pk).update(
        created_at=NOW - timedelta(days=400), checked_at=NOW - timedelta(days=399)
    )
    purge_old_rows()
    operation.refresh_from_db()
    assert operation.state == OperationState.CANCELED
    assert not Item.objects.filter(operation=operation).exclude(cells=[]).exists()


def test_everything_that_people_did_is_on_record() -> None:
    desk = make_desk()
    operation = import_file(desk, as_csv([row()]))
    kinds = list(
        Event.objects.filter(operation_id=operation.pk).order_by("id").values_list("kind", flat=True)
    )
    assert kinds == ["operation:upload", "operation:start", "operation:finish"]
    assert set(Event.objects.filter(operation_id=operation.pk).values_list("by", flat=True)) == {desk.user_id}


def test_an_item_is_pending_only_while_it_waits_to_be_judged() -> None:
    operation = check_file(make_desk(), as_csv([row(Agency_NPN=AGENCY)]))
    assert not Item.objects.filter(operation=operation, state=ItemState.PENDING).exists()


def test_a_chunk_that_meets_a_deadlock_is_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = make_desk()
    operation = check_file(desk, as_csv([row()]))
    apply, met = AgentUpload.apply, []

    def meet_a_deadlock_first(self: AgentUpload, span: Span) -> None:
        apply(self, span)
        if len(met) < 2:
            met.append(span)
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")

    monkeypatch.setattr(AgentUpload, "apply", meet_a_deadlock_first)
    assert outcomes(process_checked(operation, desk)) == {2: "created"}
    assert len(met) == 2


def test_a_file_name_that_is_no_text_is_kept_as_far_as_it_is() -> None:
    operation = check_file(make_desk(), as_csv([row()]), "class\udcff\x00.csv")
    assert operation.source_name.endswith(".csv")
    assert operation.state == OperationState.READY
