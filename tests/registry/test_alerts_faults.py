"""What a run of the alerts does about faults of our own, and about a clock that was wrong for a while."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

import pytest

from muster.access.models import Organization
from muster.core.alerts import LONGEST_WAIT, AlertsReport
from muster.producers.models import Producer, SyncStatus
from muster.registry import alerts
from muster.registry.alerts import is_due
from muster.registry.models import AlertDay, AlertsAccount
from muster.registry.port import Rejected, Throttled, Unavailable
from tests.make import make_organization
from tests.registry.alerts_service import ScriptedAlerts
from tests.registry.test_alerts import (
    FRI,
    MON,
    PLAN,
    THU,
    TUE,
    WED,
    all_synced,
    at,
    named,
    queued,
    run,
    synced,
)

pytestmark = pytest.mark.django_db

A_YEAR = timedelta(days=365)
OWN = "Muster came upon a fault of its own"
SECRET = "078-05-1120"


class Faulty(ScriptedAlerts):
    """A service whose report of some days comes upon a fault of ours."""

    faults: frozenset[date] = frozenset()

    def report(self, day: date) -> AlertsReport:
        if day in self.faults:
            raise OverflowError(SECRET)
        return super().report(day)


@pytest.fixture
def organization() -> Organization:
    organization = make_organization()
    for npn in ("17", "18"):
        synced(organization, npn)
    return organization


@pytest.mark.usefixtures("organization")
def test_a_fault_of_our_own_over_one_day_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    service = Faulty()
    run(service, at(MON))
    service.reports, service.faults = {TUE: named("17"), WED: named("18")}, frozenset({TUE})
    with caplog.at_level(logging.ERROR):
        ran = run(service, at(WED))
    assert (ran.read, queued()) == ([WED], ["18"])
    assert OWN in ran.unread[TUE]
    day = AlertDay.objects.get(day=TUE)
    assert (day.tries, day.next_at) == (1, at(WED) + timedelta(minutes=5))
    assert OWN in day.reason
    assert "OverflowError" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.usefixtures("organization")
def test_a_fault_of_our_own_while_storing_a_day_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    service = ScriptedAlerts()
    run(service, at(MON))
    service.reports = {TUE: named("17"), WED: named("18")}
    strangers = alerts._strangers

    def faulty(npns: list[str]) -> list[str]:
        if npns == ["17"]:
            raise ValueError(SECRET)
        return strangers(npns)

    monkeypatch.setattr(alerts, "_strangers", faulty)
    ran = run(service, at(WED))
    assert (ran.read, list(ran.unread), queued()) == ([WED], [TUE], ["18"])


@pytest.mark.usefixtures("organization")
def test_any_other_fault_of_our_own_is_on_record_and_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    service = ScriptedAlerts()

    def faulty(**_: object) -> None:
        raise KeyError(SECRET)

    with monkeypatch.context() as broken:
        broken.setattr(alerts, "equalize", faulty)
        assert run(service, at(MON)).failure == f"{OWN}."
        account = AlertsAccount.objects.get()
        assert (account.tries, account.next_at) == (1, at(MON) + timedelta(minutes=5))
        assert account.reason == f"{OWN}."
        run(service, at(MON, 11, 5))
        assert AlertsAccount.objects.get().tries == 2
    assert run(service, at(MON, 12)).failure == ""
    assert AlertsAccount.objects.get().reason == ""


@pytest.mark.usefixtures("organization")
@pytest.mark.parametrize("seconds", [1e20, float("inf")])
def test_no_wait_that_is_asked_for_is_too_long_to_be_reckoned_with(seconds: float) -> None:
    service = ScriptedAlerts(failing=Throttled("it answered HTTP 429", retry_after=seconds))
    assert "slow down" in run(service, at(MON)).failure
    assert AlertsAccount.objects.get().next_at == at(MON) + LONGEST_WAIT


def states_until(day: date) -> dict[date, str]:
    return dict(AlertDay.objects.filter(day__lte=day).values_list("day", "state"))


@pytest.mark.usefixtures("organization")
@pytest.mark.parametrize(
    "answer", [None, Rejected("That day is to come (code 7)"), Unavailable("down"), Throttled("429")], ids=str
)
def test_a_clock_that_was_a_year_ahead_for_one_run_costs_no_day(answer: Exception | None) -> None:
    service = ScriptedAlerts()
    for day in (MON, TUE):
        run(service, at(day))
    ahead = at(WED) + A_YEAR
    if isinstance(answer, Rejected):
        service.reports = {ahead.date() - timedelta(days=number): answer for number in range(20)}
    else:
        service.failing = answer  # type: ignore[assignment]
    ran = run(service, ahead)
    assert bool(ran.given_up) == (answer is None)

    service.failing, service.reports = None, {WED: named("17"), THU: named("18"), FRI: named("17")}
    for number, day in enumerate((WED, THU, FRI)):
        all_synced(at(day, 10))
        now = at(day)
        assert is_due(now=now, plan=PLAN)
        assert day in run(service, now).read
        assert queued() == [["17"], ["18"], ["17"]][number]
        assert not is_due(now=at(day, 12), plan=PLAN)
    assert states_until(FRI) == {MON: "nothing", TUE: "nothing", WED: "read", THU: "read", FRI: "read"}
    assert not AlertDay.objects.filter(day__gt=FRI).exists()
    account = AlertsAccount.objects.get()
    assert (account.targets_at, account.retried_on, account.reason) == (at(FRI), FRI, "")


@pytest.mark.usefixtures("organization")
def test_who_was_queued_by_a_clock_that_was_ahead_is_queued_for_now() -> None:
    service = ScriptedAlerts()
    run(service, at(MON))
    assert run(service, at(TUE) + A_YEAR).given_up
    assert queued() == ["17", "18"]
    assert run(service, at(TUE)).retried == 2
    assert not Producer.objects.exclude(sync_next_at=at(TUE)).exists()
    assert set(Producer.objects.values_list("sync_status", flat=True)) == {SyncStatus.QUEUED.value}


@pytest.mark.usefixtures("organization")
def test_watching_that_began_with_a_clock_that_was_ahead_begins_again() -> None:
    service = ScriptedAlerts()
    run(service, at(MON) + A_YEAR)
    assert run(service, at(TUE)).read == [TUE]
    assert AlertsAccount.objects.get().started_on == TUE
    assert not AlertDay.objects.exclude(day=TUE).exists()


def missing_for_forty_days(service: ScriptedAlerts) -> datetime:
    run(service, at(MON))
    later = at(MON + timedelta(days=42))
    old = [MON + timedelta(days=number) for number in range(30)]
    service.reports = {day: Rejected("Too old (code 7)") for day in old}
    return later


@pytest.mark.usefixtures("organization")
def test_nothing_is_given_up_while_the_service_tells_nothing() -> None:
    service = ScriptedAlerts()
    later = missing_for_forty_days(service)
    service.failing = Unavailable("the connection failed")
    assert run(service, later).given_up == []
    assert not AlertDay.objects.filter(state="broken").exists()
    assert not is_due(now=later + timedelta(minutes=1), plan=PLAN)
    service.failing = None
    assert run(service, later + timedelta(minutes=5)).given_up
    assert queued() == ["17", "18"]
