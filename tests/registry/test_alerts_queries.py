"""What pages are told of the daily alerts, and how a run of them comes about."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from muster.bulk.hooks import run_finish_hooks
from muster.bulk.models import Operation, OperationState
from muster.core.alerts import AlertsReport
from muster.registry import tasks
from muster.registry.alerts import REFUSED, run_due
from muster.registry.port import Rejected, Unauthorized
from muster.registry.queries import AlertsStanding, alerts_standing, price_of
from tests.make import make_organization, make_producer
from tests.registry.alerts_service import ScriptedAlerts

CHICAGO = ZoneInfo("America/Chicago")
FRI = date(2026, 11, 20)

pytestmark = pytest.mark.django_db


def at(day: date, hour: int = 11) -> datetime:
    return datetime.combine(day, time(hour), CHICAGO)


@pytest.fixture(autouse=True)
def priced(settings: LazySettings) -> None:
    settings.MUSTER_ALERTS = {**settings.MUSTER_ALERTS, "monthly_price": Decimal("0.15"), "url": "http://x"}


def test_before_the_first_run_nothing_is_known_but_when_the_next_is() -> None:
    make_producer(make_organization(), npn="17")
    told = alerts_standing(now=at(FRI))
    assert told == AlertsStanding(
        is_on=True,
        subscription="Muster",
        started_on=None,
        last_run_at=None,
        next_due_at=at(FRI + timedelta(days=3), 10) + timedelta(minutes=15),
        next_try_at=None,
        reason="",
        refused_since=None,
        targets_at=None,
        targets_reason="",
        days=[],
    )


def test_after_a_run_it_tells_days_and_what_could_not_be_taken_over() -> None:
    organization = make_organization()
    for npn in ("17", "18", "19"):
        make_producer(organization, npn=npn)
    service = ScriptedAlerts(
        reports={FRI: AlertsReport(named=("17", "99"), kinds=("licensing",), notes=("ZZ is no state.",))},
        refused={"19": "Unknown NPN"},
    )
    run_due(service=service, now=at(FRI))
    told = alerts_standing(now=at(FRI, 12))
    assert (told.started_on, told.last_run_at, told.targets_at) == (FRI, at(FRI), at(FRI))
    [day] = told.days
    assert (day.day, day.state, day.label, day.named, day.queued) == (FRI, "read", "Read", 2, 1)
    assert (day.strangers, day.kinds, day.notes) == (["99"], ["licensing"], ["ZZ is no state."])


def test_failures_are_told_with_their_reason() -> None:
    make_producer(make_organization(), npn="17")
    service = ScriptedAlerts(reports={FRI: Rejected("Sorry (code 7)")})
    run_due(service=service, now=at(FRI))
    [day] = alerts_standing(now=at(FRI)).days
    assert (day.label, day.reason) == ("Not read yet", "The registry answered: Sorry (code 7)")
    assert day.next_at == at(FRI) + timedelta(minutes=5)
    service.failing = Unauthorized()
    run_due(service=service, now=at(FRI, 12))
    told = alerts_standing(now=at(FRI, 12))
    assert (told.reason, told.refused_since) == (REFUSED, at(FRI, 12))


def test_the_days_are_read_without_the_lists_of_whom_they_named(django_assert_num_queries: Any) -> None:
    make_producer(make_organization(), npn="17")
    run_due(service=ScriptedAlerts(reports={FRI: AlertsReport(named=("17",))}), now=at(FRI))
    with django_assert_num_queries(2) as queries:
        assert len(alerts_standing(now=at(FRI)).days) == 1
    assert not any('."named",' in query["sql"] for query in queries.captured_queries)


def test_a_price_that_is_not_set_is_unknown_and_not_nothing(settings: LazySettings) -> None:
    assert (price_of(2), price_of(0)) == (Decimal("0.30"), Decimal("0.00"))
    settings.MUSTER_ALERTS = {**settings.MUSTER_ALERTS, "monthly_price": None}
    assert price_of(2) is None


def jobs() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, queue_name FROM procrastinate_jobs ORDER BY id")
        return cursor.fetchall()


def test_the_tick_brings_a_job_only_when_something_is_due(settings: LazySettings) -> None:
    tasks.alerts_tick(timestamp=0)
    assert jobs() == []
    make_producer(make_organization(), npn="17")
    tasks.alerts_tick(timestamp=0)
    assert jobs() == [("registry.run_alerts", "gateway")]
    settings.MUSTER_ALERTS = {**settings.MUSTER_ALERTS, "url": ""}
    tasks.alerts_tick(timestamp=0)
    assert len(jobs()) == 1


FINISHED = {
    "it made producers": ({"created": 3, "updated": 1}, 1),
    "it changed some only": ({"created": 0, "updated": 1}, 0),
    "it was never processed": ({}, 0),
}


@pytest.mark.parametrize(("outcomes", "expected"), FINISHED.values(), ids=FINISHED)
def test_an_import_that_ends_has_its_new_producers_watched(outcomes: dict[str, int], expected: int) -> None:
    operation = Operation.objects.create(
        id=uuid4(),
        organization=make_organization(),
        kind="agent",
        state=OperationState.DONE,
        outcomes=outcomes,
    )
    run_finish_hooks(operation, timezone.now())
    assert jobs().count(("registry.run_alerts", "gateway")) == expected
