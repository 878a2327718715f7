"""Days that are read once more, that cannot be read, or are read too early: no change in them is lost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from muster.access.models import Organization
from muster.audit.operations import EventKind
from muster.core.alerts import AlertsReport
from muster.registry.alerts import REFUSED, Ran, is_due
from muster.registry.models import AlertDay, AlertsAccount
from muster.registry.port import Rejected, Throttled, TimedOut, Unauthorized, Unavailable
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
    events,
    named,
    queued,
    run,
    states,
    synced,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization() -> Organization:
    """Has 17 and 18, both on the registry's list since Monday."""
    made = make_organization()
    for npn in ("17", "18"):
        synced(made, npn)
    return made


@pytest.fixture
def service(organization: Organization) -> ScriptedAlerts:
    """Has told nothing on Monday."""
    made = ScriptedAlerts()
    run(made, at(MON))
    all_synced(at(MON, 12))
    return made


LATER = {
    "names one more": (named("17", "18"), ["17", "18"]),
    "names one other": (named("18"), ["18"]),
    "is of one more kind": (AlertsReport(named=("17",), kinds=("licensing", "appointments")), ["17"]),
    "says something else of whom it names": (named("17", content="otherwise"), ["17"]),
    "says the same": (named("17"), []),
    "is there no longer": (None, []),
}


@pytest.mark.parametrize(("later", "expected"), LATER.values(), ids=LATER)
def test_whom_a_report_names_when_it_says_something_else_than_before_is_synced_again(
    organization: Organization, service: ScriptedAlerts, later: AlertsReport | None, expected: list[str]
) -> None:
    service.reports = {TUE: named("17")}
    run(service, at(TUE))
    all_synced(at(TUE, 12))
    told = len(events(EventKind.ALERTS_RUN))
    service.reports = {TUE: later} if later else {}

    assert TUE in run(service, at(WED)).read_again

    assert queued() == expected
    assert states()[TUE] == "read"
    assert AlertDay.objects.get(day=TUE).named == sorted({"17", *expected})
    of_tuesday = [data for _, data in events(EventKind.ALERTS_RUN)[told:] if data["days"] == [str(TUE)]]
    assert of_tuesday == ([{"days": [str(TUE)], "named": len(expected)}] if expected else [])
    all_synced(at(WED, 12))
    assert TUE in run(service, at(THU)).read_again
    assert queued() == []


def test_each_day_is_read_again_on_the_next_five_weekdays(service: ScriptedAlerts) -> None:
    for number in range(1, 15):
        run(service, at(MON + timedelta(days=number)))
    assert service.asked("report").count(MON) == 6


@pytest.mark.parametrize(("back_after", "readings"), [(1, 5), (4, 3), (6, 2), (7, 1), (20, 1), (29, 1)])
def test_what_was_completed_during_an_absence_is_found_after_it(
    service: ScriptedAlerts, back_after: int, readings: int
) -> None:
    service.reports = {TUE: named("17")}
    run(service, at(TUE))
    all_synced(at(TUE, 12))
    service.reports = {TUE: named("17", "18")}
    for number in range(back_after, back_after + 9):
        run(service, at(TUE + timedelta(days=number)))
    assert queued() == ["17", "18"]
    assert service.asked("report").count(TUE) == 1 + readings


def test_what_of_a_broken_report_can_be_read_is_used_and_is_not_the_last_word(
    service: ScriptedAlerts,
) -> None:
    broken = named("17", broken="document 2: it is no base64")
    service.reports = {TUE: broken}
    run(service, at(TUE))
    assert (states()[TUE], queued()) == ("waiting", ["17"])
    all_synced(at(TUE, 11, 2))
    service.reports = {TUE: named("17")}
    run(service, at(TUE, 11, 10))
    assert (states()[TUE], queued()) == ("read", ["17"])
    all_synced(at(TUE, 12))

    service.reports = {TUE: broken}
    assert TUE in run(service, at(WED)).unread
    service.reports = {TUE: named("17")}
    assert run(service, at(WED, 12)).read_again == [TUE]
    assert queued() == []
    service.reports = {TUE: named("17", content="otherwise")}
    run(service, at(THU))
    assert queued() == ["17"]


OUTAGES = {"out of order": Unavailable("it answered HTTP 500"), "silent": TimedOut()}


@pytest.mark.parametrize("again", [False, True], ids=["never read", "read once more"])
@pytest.mark.parametrize("failure", OUTAGES.values(), ids=OUTAGES)
def test_a_day_that_alone_is_out_of_order_keeps_no_other_from_being_read(
    service: ScriptedAlerts, failure: Any, again: bool
) -> None:
    bad = MON if again else TUE
    service.reports = {bad: failure, WED: named("17"), THU: named("18")}
    for day, expected in ((TUE, []), (WED, ["17"]), (THU, ["18"])):
        ran = run(service, at(day))
        assert (ran.failure, set(ran.unread), queued()) == ("", {bad}, expected)
        all_synced(at(day, 12))
    row = AlertDay.objects.get(day=bad)
    assert (row.tries, row.next_at, row.state) == (3, at(THU, 11, 20), "nothing" if again else "waiting")
    assert row.reason
    account = AlertsAccount.objects.get()
    assert (account.reason, account.tries, account.next_at) == ("", 0, None)
    service.reports[bad] = named("17")
    run(service, at(THU, 11, 20))
    assert queued() == ["17"]


def test_several_days_out_of_order_keep_no_new_one_from_being_read_in_time(service: ScriptedAlerts) -> None:
    service.reports = {day: Unavailable() for day in (MON, TUE, WED)} | {THU: named("17"), FRI: named("18")}
    expected: dict[date, list[str]] = {TUE: [], WED: [], THU: ["17"], FRI: ["18"]}
    for day, names in expected.items():
        run(service, at(day, 10, 15))
        assert queued() == names
        all_synced(at(day, 10, 16))
        now = at(day, 10, 20)
        while now < at(day, 23):
            run(service, now)
            now += timedelta(minutes=5)
    assert len(service.calls) < 150
    service.reports = {}
    assert run(service, at(FRI, 23), at_once=True).failure == ""
    assert states() == dict.fromkeys([MON, TUE, WED], "nothing") | {THU: "read", FRI: "read"}


def test_two_days_in_a_row_without_an_answer_end_the_run(service: ScriptedAlerts) -> None:
    days = [TUE, WED, THU, FRI]
    service.reports = {TUE: TimedOut(), WED: Rejected("No (code 7)"), THU: TimedOut(), FRI: Unavailable()}
    calls = len(service.calls)
    ran = run(service, at(FRI))
    assert [day for name, day in service.calls[calls:] if name == "report"] == days
    assert set(ran.unread) == set(days)
    assert "could not be reached" in ran.failure
    account = AlertsAccount.objects.get()
    assert (account.tries, account.next_at) == (1, at(FRI, 11, 5))
    assert not is_due(now=at(FRI, 11, 4), plan=PLAN)


AT_ONCE = {"refused": (Unauthorized(), REFUSED), "throttled": (Throttled(), "asking us to slow down")}


@pytest.mark.parametrize(("error", "words"), AT_ONCE.values(), ids=AT_ONCE)
def test_one_refusal_or_request_to_slow_down_ends_the_run(
    service: ScriptedAlerts, error: Any, words: str
) -> None:
    service.reports = {TUE: error}
    ran = run(service, at(WED))
    assert words in ran.failure
    assert service.asked("report")[-1] == TUE
    assert TUE not in states()


def test_a_day_asked_for_before_its_report_is_made_is_told_so_and_nothing_is_settled(
    service: ScriptedAlerts,
) -> None:
    calls = len(service.calls)
    words = f"The report of {FRI} can be had from 10:15 on that day on (America/Chicago)."
    assert run(service, at(FRI, 10, 14), day=FRI) == Ran(unread={FRI: words})
    assert len(service.calls) == calls
    assert FRI not in states()
    service.reports = {FRI: named("17")}
    assert run(service, at(FRI, 10, 15), day=FRI).queued == 1
