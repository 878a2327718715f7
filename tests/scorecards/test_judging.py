"""Scorecards and health as they are kept: as live ones, written once, and never stale."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.access.models import Organization
from muster.appointments.models import Appointment
from muster.assignments.models import Assignment
from muster.bulk.hooks import run_finish_hooks
from muster.bulk.models import Operation
from muster.core.health import Risk, judge_appointment
from muster.core.report import ProducerReport
from muster.core.rulebook import digest
from muster.core.scorecard import Facts, GapKind, Wanted
from muster.history.models import Change, Source
from muster.producers.models import Producer, RegulatoryAction
from muster.registry.operations import claim
from muster.registry.storing import store_reports
from muster.scorecards import operations
from muster.scorecards.facts import known_of
from muster.scorecards.models import Gap, Judgment, Rules, Scorecard
from muster.scorecards.operations import gaps_of, judge_producers, sweep
from muster.scorecards.queries import judged_now
from muster.scorecards.queue import JUDGE_QUEUE, JUDGE_TASK
from muster.scorecards.tasks import judge_new, sweep_overdue
from tests.core.held import DAY, FACTS, TODAY, WANTED
from tests.make import (
    make_appointment,
    make_assignment,
    make_license,
    make_line,
    make_organization,
    make_producer,
)
from tests.registry.reports import REPORT
from tests.registry.running import queue_all

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def rules(db: None) -> None:
    """The rules on record are those of this process."""
    Rules.objects.create(digest=digest(), since=NOON)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(17), UTC)


def synced(organization: Organization | None = None) -> Producer:
    return make_producer(organization or make_organization(), synced_at=NOON, sync_status="success")


def licensed(producer: Producer, state: str = "TX", **over: Any) -> Any:
    license = make_license(producer, state, **over)
    make_line(license, "Life", code="")
    return license


def kept(model: Any, *names: str) -> list[Any]:
    return sorted(model._default_manager.values_list(*names), key=str)


def everything() -> list[Any]:
    """All that judging writes, with when it was written."""
    return [
        kept(Scorecard, "assignment_id", "percent", "lines", "ready", "unknown", "good_until", "judged_at"),
        kept(Gap, "id", "scorecard_id", "state", "kind", "lines"),
        kept(Judgment, "producer_id", "good_until", "judged_at"),
        kept(Appointment, "id", "health", "risks"),
        Change.objects.count(),
    ]


def put(facts: Facts, wanted: list[Wanted], organization: Organization) -> Producer:
    """Put a producer with these facts and assignments on record."""
    producer = make_producer(organization, synced_at=NOON if facts.was_synced else None)
    for one in facts.licenses:
        license = make_license(
            producer,
            one.state,
            class_code=one.class_code,
            class_name=one.class_name,
            is_active=one.is_active,
            expires_on=one.expires_on,
        )
        for line in set(one.lines):
            make_line(license, line.name, code=f"{line.code}{line.status}", status=line.status)
    for held in facts.appointments:
        gone_at = noon(held.gone_on) if held.gone_on else None
        make_appointment(
            producer,
            held.state,
            cocode=held.cocode,
            line_name=held.line_name,
            status=held.status,
            status_on=held.status_on,
            gone_at=gone_at,
        )
    for number, action in enumerate(facts.actions):
        RegulatoryAction.objects.create(
            organization=organization,
            producer=producer,
            state=action.state,
            action_id=str(number),
            entered_on=action.on,
        )
    for meant in wanted:
        make_assignment(producer, **meant._asdict())
    return producer


def test_a_scorecard_is_kept_with_its_gaps() -> None:
    producer = synced()
    licensed(producer, expires_on=TODAY + 9 * DAY)
    licensed(producer, "AK", expires_on=TODAY - DAY)
    assignment = make_assignment(producer, states=["TX", "AK"], categories=["life", "health"])
    judge_producers(producer_ids=[producer.pk], today=TODAY, now=NOON)
    card = Scorecard.objects.get(assignment=assignment)
    assert (card.percent, card.lines, card.ready, card.unknown) == (37, 4, 1, 0)
    assert (card.good_until, card.judged_at) == (TODAY + 9 * DAY, NOON)
    assert (card.organization_id, card.producer_id) == (producer.organization_id, producer.pk)
    assert kept(Gap, "state", "kind", "lines", "organization_id") == [
        ("AK", "license_expired", 2, producer.organization_id),
        ("TX", "line_missing", 1, producer.organization_id),
    ]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(FACTS, st.lists(WANTED, max_size=2)), min_size=1, max_size=3), st.integers(0, 500))
def test_what_is_kept_is_what_is_judged_live(told: list[tuple[Facts, list[Wanted]]], days: int) -> None:
    with transaction.atomic():
        organization = make_organization()
        producers = [put(facts, wanted, organization) for facts, wanted in told]
        ids = [producer.pk for producer in producers]
        # What is on record from an earlier day is what the later one starts from.
        for today in (TODAY, TODAY + days * DAY):
            judge_producers(producer_ids=ids, today=today, now=noon(today))
            for producer in producers:
                assert_kept_as_live(producer, today)
            before = everything()
            judge_producers(producer_ids=ids, today=today, now=noon(today) + timedelta(hours=1))
            assert everything() == before
        transaction.set_rollback(True)


def assert_kept_as_live(producer: Producer, today: date) -> None:
    cards, healths = judged_now(producer, today=today)
    assert Scorecard.objects.filter(producer=producer).count() == len(cards)
    days = []
    for card in cards:
        row = Scorecard.objects.get(assignment=card.assignment)
        verdict = card.verdict
        assert (row.percent, row.lines, row.ready, row.unknown, row.good_until) == (
            verdict.percent,
            len(verdict.lines),
            verdict.ready,
            verdict.unknown,
            verdict.good_until,
        )
        assert set(row.gaps.values_list("state", "kind", "lines")) == gaps_of(verdict)
        days.append(verdict.good_until)
    facts = known_of({producer.pk: producer.synced_at is not None})[producer.pk].facts
    for held in facts.appointments:
        told = judge_appointment(held, facts.licenses, facts.actions, today=today)
        appointment = Appointment.objects.get(pk=held.id)
        assert (appointment.health, appointment.risks) == (told.health, list(told.risks))
        assert healths[held.id] == told
        days.append(told.good_until)
    holds = min((day for day in days if day), default=None)
    assert Judgment.objects.get(producer=producer).good_until == holds


def test_judging_takes_as_many_queries_for_many_producers_as_for_one() -> None:
    organization = make_organization()

    def queries(count: int) -> int:
        ids = []
        for _ in range(count):
            producer = synced(organization)
            licensed(producer)
            make_appointment(producer, "TX")
            make_assignment(producer, states=["TX", "AK"])
            ids.append(producer.pk)
        with CaptureQueriesContext(connection) as made:
            judge_producers(producer_ids=ids, today=TODAY, now=NOON)
        return len(made)

    assert queries(1) == queries(7)


def test_a_closed_gap_goes_and_a_new_one_comes() -> None:
    producer = synced()
    make_assignment(producer, states=["TX"])
    judge_producers(producer_ids=[producer.pk], today=TODAY, now=NOON)
    assert kept(Gap, "kind") == [(GapKind.LICENSE_MISSING,)]
    make_license(producer, "TX")
    judge_producers(producer_ids=[producer.pk], today=TODAY, now=NOON)
    assert kept(Gap, "kind") == [(GapKind.LINE_MISSING,)]
    make_line(producer.licenses.get(), "Life")
    judge_producers(producer_ids=[producer.pk], today=TODAY, now=NOON)
    assert kept(Gap, "kind") == []
    assert Scorecard.objects.get().percent == 100


def test_a_stored_report_is_judged_in_its_transaction() -> None:
    producer = make_producer(make_organization(), npn=REPORT.npn)
    make_assignment(producer, states=["TX", "OK"], categories=["life"])
    judge_producers(producer_ids=[producer.pk], today=TODAY, now=NOON)
    assert kept(Gap, "kind", "lines") == [("not_synced", 1), ("not_synced", 1)]
    store(producer.organization, REPORT)
    # The license of Texas expired in February.
    assert kept(Gap, "state", "kind") == [("TX", "license_expired")]
    in_force = Appointment.objects.filter(status="Appointed")
    assert list(in_force.values_list("risks", flat=True)) == [[Risk.LICENSE_EXPIRED, Risk.REGULATORY_ACTION]]


def store(organization: Organization, report: ProducerReport) -> None:
    queue_all(organization, now=NOON)
    store_reports(reports=[(one, report) for one in claim(limit=10, now=NOON)], now=NOON)


def test_a_change_of_health_is_on_record_as_ours() -> None:
    producer = synced()
    license = licensed(producer)
    make_appointment(producer, "TX")
    judge_producers(producer_ids=[producer.pk], today=TODAY, now=NOON)
    license.is_active = False
    license.save()
    judge_producers(producer_ids=[producer.pk], today=TODAY, now=noon(TODAY + DAY))
    change = Change.objects.get(kind=Change.Kind.APPOINTMENT, source=Source.MUSTER)
    assert (change.old["health"], change.new["health"]) == ("active", "at_risk")
    assert (change.new["risks"], change.at) == ([Risk.LICENSE_INACTIVE], noon(TODAY + DAY))


def test_the_sweep_judges_assignments_without_a_scorecard() -> None:
    first, second = synced(), make_producer(make_organization())
    make_assignment(first)
    make_assignment(first, states=["TX"])
    assert sweep(today=TODAY, now=NOON) == 1
    make_assignment(second)
    assert sweep(today=TODAY, now=NOON) == 1
    assert Scorecard.objects.count() == Assignment.objects.count() == 3
    assert sweep(today=TODAY, now=NOON) == 0


@pytest.mark.parametrize("days_missed", [0, 1, 6])
def test_the_sweep_comes_for_what_a_date_alone_changes(days_missed: int) -> None:
    by_license, by_action, by_dates, untouched = (synced() for _ in range(4))
    licensed(by_license, expires_on=TODAY)
    licensed(by_action)
    for producer in (by_license, by_action):
        make_appointment(producer, "TX")
    RegulatoryAction.objects.create(
        organization=by_action.organization,
        producer=by_action,
        state="TX",
        action_id="1",
        entered_on=TODAY - timedelta(days=365),
    )
    make_assignment(by_dates, starts_on=TODAY + DAY)
    make_assignment(untouched)
    judge_producers(
        producer_ids=[one.pk for one in (by_license, by_action, by_dates, untouched)], today=TODAY, now=NOON
    )
    assert sweep(today=TODAY, now=NOON) == 0
    later = TODAY + (1 + days_missed) * DAY
    assert sweep(today=later, now=noon(later)) == 3
    assert by_license.appointments.get().risks == [Risk.LICENSE_EXPIRED]
    assert by_action.appointments.get().health == "active"
    assert by_dates.scorecards.get().lines == 1
    assert sweep(today=later, now=noon(later)) == 0


def test_one_that_cannot_be_judged_is_told_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    new, overdue, failing, fails_anew = (synced() for _ in range(4))
    for producer in (new, fails_anew):
        make_assignment(producer)
    for producer in (overdue, failing):
        make_appointment(producer, "TX")
        Judgment.objects.create(
            producer=producer, organization=producer.organization, good_until=TODAY - DAY, judged_at=NOON
        )
    real = operations.known_of

    def known(was_synced: dict[int, bool]) -> Any:
        if {failing.pk, fails_anew.pk} & {*was_synced}:
            raise ZeroDivisionError("Jane Doe")
        return real(was_synced)

    monkeypatch.setattr(operations, "known_of", known)
    assert sweep(today=TODAY, now=NOON) == 2
    assert kept(Scorecard, "producer_id") == [(new.pk,)]
    assert overdue.appointments.get().health == "at_risk"
    assert [line.partition(" in known ")[0] for line in caplog.messages] == [
        f"Producer {one.pk} cannot be judged: ZeroDivisionError" for one in (fails_anew, failing)
    ]
    monkeypatch.undo()
    assert sweep(today=TODAY, now=NOON) == 2


def test_the_sweep_judges_everybody_anew_once_the_rules_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for_ever, for_days = synced(), synced()
    licensed(for_ever, expires_on=None)
    licensed(for_days, expires_on=TODAY + 9 * DAY)
    for producer in (for_ever, for_days):
        make_assignment(producer, states=["TX"])
        make_appointment(producer, "TX")
    assert sweep(today=TODAY, now=NOON) == 2
    assert kept(Scorecard, "percent") == [(100,), (100,)]
    later = NOON + timedelta(hours=1)
    # By these rules no line is in any category.
    monkeypatch.setattr("muster.core.scorecard._held_on", lambda *_: {})
    assert sweep(today=TODAY, now=later) == 0
    monkeypatch.setattr(operations, "digest", lambda: "others")
    assert sweep(today=TODAY, now=later) == 2
    assert kept(Scorecard, "percent") == [(50,), (50,)]
    assert kept(Rules, "digest", "since") == [("others", later)]
    assert kept(Judgment, "good_until") == [(None,), (TODAY + 9 * DAY,)]
    assert sweep(today=TODAY, now=later) == 0


def test_rules_that_nobody_noted_are_others() -> None:
    Rules.objects.all().delete()
    producer = synced()
    make_assignment(producer)
    judge_producers(producer_ids=[producer.pk], today=TODAY, now=NOON)
    assert sweep(today=TODAY, now=NOON) == 1
    assert sweep(today=TODAY, now=NOON) == 0
    assert kept(Rules, "digest") == [(digest(),)]


def test_a_removed_producer_leaves_nothing() -> None:
    producer = synced()
    make_assignment(producer)
    judge_producers(producer_ids=[producer.pk], today=TODAY, now=NOON)
    producer.delete()
    judge_producers(producer_ids=[producer.pk], today=TODAY, now=NOON)
    assert not any(model._default_manager.exists() for model in (Scorecard, Gap, Judgment))


def test_a_scorecard_cannot_be_removed_without_its_gaps() -> None:
    producer = synced()
    make_assignment(producer, states=["AK"])
    judge_producers(producer_ids=[producer.pk], today=TODAY, now=NOON)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="scorecards_gap"), transaction.atomic():
            cursor.execute("DELETE FROM scorecards_scorecard")


def test_gaps_whose_scorecard_is_gone_go_before_the_database_checks() -> None:
    producer = synced()
    make_assignment(producer, states=["AK"])
    judge_producers(producer_ids=[producer.pk], today=TODAY, now=NOON)
    orphans = import_module("muster.scorecards.migrations.0005_gap_of_scorecard").ORPHANS
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(orphans)
        assert Gap.objects.count() == 1
        cursor.execute("DELETE FROM scorecards_scorecard")
        cursor.execute(orphans)
        assert Gap.objects.count() == 0
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_sweeps_and_syncs_side_by_side_end_with_one_scorecard_each() -> None:
    organization = make_organization()
    ids = []
    for _ in range(20):
        producer = synced(organization)
        make_assignment(producer, states=["TX", "AK"])
        ids.append(producer.pk)
    failures: list[BaseException] = []

    def work(judge: Any) -> None:
        try:
            judge()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    judging = [
        lambda: sweep(today=TODAY, now=NOON),
        lambda: sweep(today=TODAY, now=NOON),
        lambda: judge_producers(producer_ids=ids[::-1], today=TODAY, now=NOON),
        lambda: judge_producers(producer_ids=ids[5:], today=TODAY, now=NOON),
    ]
    threads = [Thread(target=work, args=[judge]) for judge in judging]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Scorecard.objects.count() == 20
    assert Gap.objects.count() == 40


def test_what_was_there_before_anything_was_judged_is_overdue() -> None:
    appointed, assigned, neither = (
        synced(),
        make_producer(make_organization()),
        make_producer(make_organization()),
    )
    licensed(appointed)
    make_appointment(appointed, "TX")
    make_assignment(assigned)
    with connection.cursor() as cursor:
        cursor.execute(import_module("muster.scorecards.migrations.0002_judgment").OVERDUE)
    assert kept(Judgment, "producer_id") == [(appointed.pk,), (assigned.pk,)]
    assert sweep(today=TODAY, now=NOON) >= 2
    assert appointed.appointments.get().health == "active"
    assert Scorecard.objects.get().assignment.producer == assigned
    assert not Judgment.objects.filter(producer=neither).exists()


def test_the_end_of_an_operation_has_new_assignments_judged() -> None:
    def jobs() -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT queue_name FROM procrastinate_jobs WHERE task_name = %s", [JUDGE_TASK])
            return cursor.fetchall()

    run_finish_hooks(Operation(by=None), NOON)
    assert jobs() == []
    run_finish_hooks(Operation(by=None, started_at=NOON), NOON)
    assert jobs() == [(JUDGE_QUEUE,)]
    make_assignment(synced())
    judge_new()
    assert Scorecard.objects.count() == 1


def test_the_periodic_sweep_judges_as_of_today_in_the_zone_of_the_site() -> None:
    make_assignment(synced(), ends_on=timezone.localdate())
    sweep_overdue(timestamp=0)
    assert Scorecard.objects.get().good_until == timezone.localdate()
