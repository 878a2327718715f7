"""A run of the daily alerts: targets, days, whom it queues, and what it does when something goes wrong."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from muster.access.models import Organization
from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.core.alerts import AlertsReport, Timetable
from muster.producers.models import Producer, SyncStatus
from muster.registry.alerts import ALERTS_LOCK, GIVEN_UP, REFUSED, Plan, Ran, is_due, run_due
from muster.registry.models import AlertDay, AlertsAccount, Watch
from muster.registry.port import BrokenAnswer, Rejected, Throttled, TimedOut, Unauthorized, Unavailable
from muster.registry.watching import WITHOUT_WORDS
from tests.make import make_organization, make_producer
from tests.registry.alerts_service import Killed, ScriptedAlerts

CHICAGO = ZoneInfo("America/Chicago")
PLAN = Plan(Timetable(time(10, 15), CHICAGO), "Harbor", "alerts@harbor.example")
MON, TUE, WED, THU, FRI = (date(2026, 11, 16) + timedelta(days=day) for day in range(5))

pytestmark = pytest.mark.django_db


def at(day: date, hour: int = 11, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), CHICAGO)


def run(service: ScriptedAlerts, now: datetime, **over: Any) -> Ran:
    return run_due(service=service, now=now, plan=PLAN, **over)


def named(*npns: str, **over: Any) -> AlertsReport:
    return AlertsReport(named=npns, kinds=("licensing",), **over)


@pytest.fixture
def organization() -> Organization:
    return make_organization()


@pytest.fixture
def service() -> ScriptedAlerts:
    return ScriptedAlerts()


def synced(organization: Organization, npn: str, **over: Any) -> Producer:
    """A producer that was synced on Monday, half an hour before the day's report is read."""
    told: dict[str, Any] = {"sync_status": SyncStatus.SUCCESS, "synced_at": at(MON, 10, 30)}
    return make_producer(organization, npn=npn, **told | over)


def queued() -> list[str]:
    return list(
        Producer.objects.filter(sync_status=SyncStatus.QUEUED).order_by("id").values_list("npn", flat=True)
    )


def all_synced(now: datetime) -> None:
    """Let the sync take all that waits."""
    Producer.objects.filter(sync_status=SyncStatus.QUEUED).update(
        sync_status=SyncStatus.SUCCESS, synced_at=now, sync_next_at=None
    )


def events(kind: EventKind) -> list[tuple[int | None, dict[str, Any]]]:
    return list(Event.objects.filter(kind=kind).order_by("id").values_list("organization_id", "data"))


def states() -> dict[date, str]:
    return dict(AlertDay.objects.values_list("day", "state"))


def test_with_nobody_to_watch_the_service_is_asked_nothing(service: ScriptedAlerts) -> None:
    assert not is_due(now=at(MON), plan=PLAN)
    assert run(service, at(MON)) == Ran()
    assert service.calls == []


def test_the_list_of_targets_becomes_all_who_are_watched_each_once(
    organization: Organization, service: ScriptedAlerts
) -> None:
    other = make_organization()
    for owner, npn in ((organization, "17"), (organization, "4711"), (other, "4711"), (other, "99")):
        synced(owner, npn)
    synced(organization, "1000", is_watched=False)
    service.lists = {"Harbor": {"5555"}, "Else": {"1"}}

    ran = run(service, at(MON))

    assert service.lists == {"Harbor": {"17", "99", "4711"}, "Else": {"1"}}
    assert (ran.targets.added, ran.targets.removed, ran.targets.refused) == (3, 1, 0)
    assert set(Watch.objects.values_list("npn", "added_on", "confirmed_at")) == {
        (npn, MON, at(MON)) for npn in ("17", "99", "4711")
    }
    assert events(EventKind.TARGETS_ADDED) == [
        (organization.pk, {"targets": 2}),
        (other.pk, {"targets": 2}),
    ]


def test_the_subscription_is_made_once(organization: Organization, service: ScriptedAlerts) -> None:
    synced(organization, "17")
    run(service, at(MON))
    run(service, at(TUE))
    assert service.asked("add_subscription") == [("Harbor", "alerts@harbor.example")]


def test_many_targets_go_in_chunks(organization: Organization, service: ScriptedAlerts) -> None:
    Producer.objects.bulk_create(
        Producer(organization=organization, npn=str(5000 + number)) for number in range(1201)
    )
    run(service, at(MON))
    assert [len(chunk) for chunk in service.asked("add_targets")] == [500, 500, 201]  # type: ignore[arg-type]
    Producer.objects.update(is_watched=False)
    run(service, at(MON, 12))
    assert service.lists == {"Harbor": set()}
    assert not Watch.objects.exists()


def test_new_producers_are_added_at_the_next_tick_and_not_with_the_next_report(
    organization: Organization, service: ScriptedAlerts
) -> None:
    synced(organization, "17")
    run(service, at(MON))
    assert not is_due(now=at(MON, 11, 5), plan=PLAN)
    synced(organization, "18")
    assert is_due(now=at(MON, 11, 10), plan=PLAN)
    run(service, at(MON, 11, 10))
    assert service.lists["Harbor"] == {"17", "18"}
    Producer.objects.filter(npn="17").delete()
    assert not is_due(now=at(MON, 11, 15), plan=PLAN)
    run(service, at(TUE))
    assert service.lists["Harbor"] == {"18"}


def test_refused_targets_keep_the_registrys_words_and_are_asked_for_again_the_next_day(
    organization: Organization, service: ScriptedAlerts
) -> None:
    for npn in ("17", "18", "19"):
        synced(organization, npn)
    service.refused = {"18": "Unknown NPN", "19": ""}
    assert run(service, at(MON)).targets.refused == 2
    assert dict(Watch.objects.filter(confirmed_at=None).values_list("npn", "refused")) == {
        "18": "Unknown NPN",
        "19": WITHOUT_WORDS,
    }
    assert not is_due(now=at(MON, 15), plan=PLAN)
    service.refused = {"19": "No"}
    run(service, at(TUE))
    assert service.asked("add_targets") == [["17", "18", "19"], ["18", "19"]]
    assert dict(Watch.objects.filter(confirmed_at=None).values_list("npn", "refused")) == {"19": "No"}


def test_one_npn_for_which_a_whole_chunk_is_rejected_keeps_no_other_away(
    organization: Organization, service: ScriptedAlerts
) -> None:
    Producer.objects.bulk_create(
        Producer(organization=organization, npn=str(5000 + number)) for number in range(600)
    )
    service.disliked = {"5321"}
    ran = run(service, at(MON))
    assert (ran.targets.added, ran.targets.refused, ran.targets_failure) == (599, 1, "")
    assert dict(Watch.objects.filter(confirmed_at=None).values_list("npn", "refused")) == {
        "5321": "Malformed (code 9)"
    }
    assert len(service.asked("add_targets")) < 25


def test_a_service_that_rejects_every_target_is_not_asked_for_each(
    organization: Organization, service: ScriptedAlerts
) -> None:
    npns = [str(5000 + number) for number in range(600)]
    Producer.objects.bulk_create(Producer(organization=organization, npn=npn) for npn in npns)
    service.disliked = set(npns)
    ran = run(service, at(MON))
    assert ran.targets_failure == "The registry answered: Malformed (code 9)"
    assert len(service.asked("add_targets")) <= 42
    assert AlertsAccount.objects.get().targets_next_at == at(MON) + timedelta(minutes=5)


def test_a_target_that_the_registry_lost_is_added_again_and_synced(
    organization: Organization, service: ScriptedAlerts
) -> None:
    synced(organization, "17")
    run(service, at(MON))
    service.lists["Harbor"].clear()
    run(service, at(WED))
    assert service.lists["Harbor"] == {"17"}
    assert queued() == ["17"]


def test_whom_a_report_names_is_synced_in_every_organization(
    organization: Organization, service: ScriptedAlerts
) -> None:
    other = make_organization()
    for owner, npn in ((organization, "17"), (organization, "18"), (other, "18"), (other, "19")):
        synced(owner, npn)
    service.reports = {MON: named("18", "17", notes=("ZZ is no state we know.",))}

    ran = run(service, at(MON))

    assert (ran.read, ran.queued, ran.strangers) == ([MON], 3, [])
    assert ran.notes == ["ZZ is no state we know."]
    assert queued() == ["17", "18", "18"]
    day = AlertDay.objects.get()
    assert (day.state, day.named, day.queued, day.kinds) == ("read", ["17", "18"], 3, ["licensing"])
    assert (day.notes, day.first_read_at, day.read_at) == (["ZZ is no state we know."], at(MON), at(MON))
    assert events(EventKind.ALERTS_RUN) == [
        (organization.pk, {"days": ["2026-11-16"], "named": 2}),
        (other.pk, {"days": ["2026-11-16"], "named": 1}),
    ]


def test_a_producer_nobody_has_is_kept_as_a_stranger_and_stops_nobody(
    organization: Organization, service: ScriptedAlerts
) -> None:
    synced(organization, "17")
    service.reports = {MON: named("8999999", "17")}
    ran = run(service, at(MON))
    assert (ran.strangers, ran.queued) == (["8999999"], 1)
    assert AlertDay.objects.get().strangers == ["8999999"]


def test_a_day_without_alerts_is_a_success(organization: Organization, service: ScriptedAlerts) -> None:
    synced(organization, "17")
    assert run(service, at(MON)).read == [MON]
    assert states() == {MON: "nothing"}
    assert queued() == []


def test_running_twice_changes_nothing(organization: Organization, service: ScriptedAlerts) -> None:
    synced(organization, "17")
    service.reports = {MON: named("17")}
    run(service, at(MON))
    all_synced(at(MON, 11, 1))
    before = list(AlertDay.objects.values()), list(Watch.objects.values()), Event.objects.count()
    calls = len(service.calls)
    assert not is_due(now=at(MON, 12), plan=PLAN)
    assert run(service, at(MON, 12)) == Ran()
    assert len(service.calls) == calls
    assert queued() == []
    assert (
        list(AlertDay.objects.values()),
        list(Watch.objects.values()),
        Event.objects.count(),
    ) == before


def test_nothing_is_asked_at_weekends(organization: Organization, service: ScriptedAlerts) -> None:
    synced(organization, "17")
    run(service, at(FRI))
    calls = len(service.calls)
    saturday, sunday = FRI + timedelta(days=1), FRI + timedelta(days=2)
    for day in (saturday, sunday):
        run(service, at(day, 9))
        run(service, at(day, 23))
    assert len(service.calls) == calls


def test_a_missed_week_is_made_good_day_by_day(organization: Organization, service: ScriptedAlerts) -> None:
    for npn in ("17", "18"):
        synced(organization, npn)
    run(service, at(MON))
    service.reports = {TUE: named("17"), THU: named("18")}
    ran = run(service, at(FRI + timedelta(days=3)))
    assert ran.read == [TUE, WED, THU, FRI, FRI + timedelta(days=3)]
    assert queued() == ["17", "18"]


def test_after_a_gap_too_long_everyone_watched_is_synced_once(
    organization: Organization, service: ScriptedAlerts
) -> None:
    for npn in ("17", "18"):
        synced(organization, npn)
    synced(organization, "19", is_watched=False)
    run(service, at(MON))
    ran = run(service, at(MON + timedelta(days=70)))
    assert (ran.given_up[0], len(ran.given_up), len(ran.read)) == (MON, 45, 6)
    assert queued() == ["17", "18"]
    assert set(AlertDay.objects.filter(state="broken").values_list("reason", flat=True)) == {GIVEN_UP}
    all_synced(at(MON + timedelta(days=70), 12))
    assert run(service, at(MON + timedelta(days=70), 13)) == Ran()


UNREADABLE = {
    "a fault with another code": (Rejected("Sorry (code 7)"), "The registry answered: Sorry (code 7)"),
    "an answer that breaks off": (
        BrokenAnswer("it is no well-formed XML (line 3)"),
        "The registry's answer could not be read: it is no well-formed XML (line 3)",
    ),
    "an attachment that breaks off": (
        named(broken="document 1: its attachment breaks off"),
        "The registry's answer could not be read: document 1: its attachment breaks off",
    ),
}


@pytest.mark.parametrize(("answer", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_day_that_cannot_be_read_stops_no_other_and_is_tried_again(
    organization: Organization, service: ScriptedAlerts, answer: Any, why: str
) -> None:
    for npn in ("17", "18"):
        synced(organization, npn)
    run(service, at(MON))
    service.reports = {TUE: answer, WED: named("17")}

    ran = run(service, at(WED))

    assert (ran.read, ran.unread, queued()) == ([WED], {TUE: why}, ["17"])
    day = AlertDay.objects.get(day=TUE)
    assert (day.state, day.tries, day.reason) == ("waiting", 1, why)
    assert day.next_at == at(WED) + timedelta(minutes=5)
    assert not is_due(now=at(WED, 11, 4), plan=PLAN)
    service.reports[TUE] = named("18")
    assert run(service, at(WED, 11, 5)).read == [TUE]
    assert queued() == ["17", "18"]


def test_a_day_that_stays_unreadable_is_given_up_after_thirty_days(
    organization: Organization, service: ScriptedAlerts
) -> None:
    for npn in ("17", "18"):
        synced(organization, npn)
    service.reports = {MON: Rejected("Sorry (code 7)")}
    for number in range(31):
        run(service, at(MON + timedelta(days=number)))
    assert (states()[MON], queued()) == ("waiting", [])
    run(service, at(MON + timedelta(days=31)))
    assert (states()[MON], queued()) == ("broken", ["17", "18"])
    assert AlertDay.objects.get(day=MON).reason == f"{GIVEN_UP} The registry answered: Sorry (code 7)"
    assert set(states().values()) == {"broken", "nothing"}


OUTAGES = {
    "down": (Unavailable("the connection failed"), "could not be reached: the connection failed", 5),
    "silent": (TimedOut(), "did not answer in time", 5),
    "throttling": (Throttled("it answered HTTP 429", retry_after=600), "asking us to slow down", 10),
}


@pytest.mark.parametrize(("error", "words", "minutes"), OUTAGES.values(), ids=OUTAGES)
def test_a_service_out_of_order_is_asked_once_and_again_later(
    organization: Organization, service: ScriptedAlerts, error: Any, words: str, minutes: int
) -> None:
    synced(organization, "17")
    run(service, at(MON))
    service.failing = error
    calls = len(service.calls)
    assert words in run(service, at(TUE)).failure
    assert len(service.calls) == calls + 1
    account = AlertsAccount.objects.get()
    assert words in account.reason
    assert account.next_at == at(TUE) + timedelta(minutes=minutes)
    assert not is_due(now=at(TUE, 11, minutes - 1), plan=PLAN)
    assert is_due(now=at(TUE, 11, minutes), plan=PLAN)

    service.failing = None
    assert run(service, at(TUE, 11, minutes)).read == [TUE]
    account.refresh_from_db()
    assert (account.reason, account.next_at, account.tries) == ("", None, 0)


def test_an_outage_of_months_has_everyone_synced_and_not_every_day(
    organization: Organization, service: ScriptedAlerts
) -> None:
    synced(organization, "17")
    run(service, at(MON))
    service.failing = Unavailable()
    syncs = []
    for number in range(1, 90):
        now = at(MON + timedelta(days=number))
        run(service, now)
        if queued():
            syncs.append(number)
            all_synced(now)
    assert syncs == [31, 55, 77]


def test_an_ended_password_is_told_plainly_once_a_day_in_every_organization(
    organization: Organization, service: ScriptedAlerts
) -> None:
    other = make_organization()
    synced(organization, "17")
    service.failing = Unauthorized("it answered HTTP 401")
    assert run(service, at(MON)).failure == REFUSED
    for hour in range(12, 24):
        run(service, at(MON, hour), at_once=True)
    assert events(EventKind.ALERTS_REFUSED) == [
        (organization.pk, {"reason": REFUSED}),
        (other.pk, {"reason": REFUSED}),
    ]
    run(service, at(TUE))
    assert len(events(EventKind.ALERTS_REFUSED)) == 4
    assert AlertsAccount.objects.get().refused_since == at(MON)

    service.failing = None
    assert run(service, at(TUE, 15), at_once=True).failure == ""
    assert AlertsAccount.objects.get().refused_since is None


def test_a_list_that_cannot_be_compared_keeps_no_report_from_being_read(
    organization: Organization, service: ScriptedAlerts
) -> None:
    synced(organization, "17")
    run(service, at(MON))
    service.lists_failing = Rejected("No such thing (code 902)")
    service.reports = {TUE: named("17")}
    ran = run(service, at(TUE))
    assert (ran.read, ran.failure) == ([TUE], "")
    account = AlertsAccount.objects.get()
    assert account.targets_reason == "The registry answered: No such thing (code 902)"
    service.lists_failing = None
    run(service, at(TUE, 11, 5))
    assert AlertsAccount.objects.get().targets_reason == ""


def test_producers_whose_tries_were_used_up_are_tried_again_once_a_day(
    organization: Organization, service: ScriptedAlerts
) -> None:
    producer = synced(organization, "17")
    run(service, at(MON))
    saturday = FRI + timedelta(days=1)
    for day, hour, expected in ((TUE, 10, []), (TUE, 11, ["17"]), (TUE, 15, []), (saturday, 12, ["17"])):
        Producer.objects.filter(pk=producer.pk).update(sync_status=SyncStatus.RETRY_ERROR)
        run(service, at(day, hour))
        assert queued() == expected, (day, hour)


def everything() -> tuple[Any, ...]:
    """What a run leaves, but for the moments at which it was done."""
    return (
        sorted(Watch.objects.values_list("npn", "added_on", "refused", "is_told")),
        sorted(AlertDay.objects.values_list("day", "state", "named", "strangers", "queued")),
        sorted(Producer.objects.values_list("npn", "sync_status")),
        sum(data["targets"] for _, data in events(EventKind.TARGETS_ADDED)),
        sorted(str(told) for told in events(EventKind.ALERTS_RUN)),
        AlertsAccount.objects.values_list("started_on", "reason", "targets_reason").get(),
    )


def script() -> ScriptedAlerts:
    return ScriptedAlerts(
        reports={TUE: named("17", "1"), WED: BrokenAnswer("nothing"), THU: named("18")},
        lists={"Harbor": {"5", "17"}},
        refused={"19": "No"},
    )


def people(organization: Organization) -> None:
    for npn in ("17", "18", "19"):
        synced(organization, npn)
    AlertsAccount.objects.create(started_on=MON)


@pytest.mark.parametrize("after", [False, True], ids=["before it is answered", "after it was done"])
def test_a_run_killed_at_any_call_is_gone_on_with_by_the_next(
    organization: Organization, after: bool
) -> None:
    people(organization)
    undisturbed = script()
    with transaction.atomic():
        run(undisturbed, at(THU))
        expected = everything()
        transaction.set_rollback(True)
    calls = len(undisturbed.calls)
    assert calls >= 8
    for number in range(1, calls + 1):
        service = script()
        service.killed_at, service.after = number, after
        with transaction.atomic():
            with pytest.raises(Killed):
                run(service, at(THU))
            run(service, at(THU, 11, 1))
            assert everything() == expected, f"killed at call {number}"
            transaction.set_rollback(True)
        assert service.lists == undisturbed.lists


def test_two_runs_never_interleave(
    organization: Organization, service: ScriptedAlerts, postgres: str
) -> None:
    import psycopg

    synced(organization, "17")
    parameters = connection.get_connection_params()
    with psycopg.connect(
        host=parameters.get("host"),
        port=parameters.get("port"),
        user=parameters.get("user"),
        password=parameters.get("password"),
        dbname=parameters["dbname"],
        autocommit=True,
    ) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [ALERTS_LOCK])
        assert run(service, at(MON)).busy
        # The server lets go of it some time after the connection is closed, and the next test needs it.
        other.execute("SELECT pg_advisory_unlock(%s)", [ALERTS_LOCK])
    assert service.calls == []


def test_one_day_is_read_again_when_asked_for_and_nothing_else(
    organization: Organization, service: ScriptedAlerts
) -> None:
    synced(organization, "17")
    run(service, at(MON))
    service.reports = {MON: named("17")}
    calls = len(service.calls)
    ran = run(service, at(MON, 12), day=MON)
    assert (ran.read_again, ran.queued, queued()) == ([MON], 1, ["17"])
    assert len(service.calls) == calls + 1
