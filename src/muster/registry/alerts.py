"""The daily alerts: keep the list of targets, read the reports that are due, queue whom they name.

`run_due` is the whole of it, for the job, the command and the tests. Every step is safe to be done twice and
stands in one transaction with its record, so whoever runs next goes on where a run was killed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from muster.access.models import Organization
from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.core.alerts import (
    LONGEST_WAIT,
    ONE_DAY,
    AlertsReport,
    Day,
    DayState,
    Due,
    Step,
    Timetable,
    due_days,
    state_after,
    wait_after,
)
from muster.core.sync import Failure, reason
from muster.producers.models import Producer, SyncStatus
from muster.registry.models import AlertDay, AlertsAccount, Watch
from muster.registry.operations import only_one, queue_for_sync
from muster.registry.port import AlertsService, BrokenAnswer, NoAlerts, RegistryError, Throttled, Unauthorized
from muster.registry.sql import statement
from muster.registry.watching import (
    LIST_SHRANK,
    ListShrank,
    Targets,
    differs,
    equalize,
    newest_producer,
    tell_added,
)

ALERTS_LOCK = 0x6D75737465720002
OF_ALL = frozenset({Failure.THROTTLED, Failure.UNAUTHORIZED})
"""Failures of the service as a whole: nothing else is asked of it in this run."""

OUTAGES = frozenset({Failure.UNAVAILABLE, Failure.TIMED_OUT})
"""Failures that may be those of one day's report, or of the service as a whole."""

OUT_OF_ORDER = 10
"""After so many failed runs in a row, which take most of a day, the service is out of order for longer."""

SILENT_DAYS = 2
"""So many outages in a row are one of the service as a whole."""

REFUSED = (
    "The registry refused our user name or password. NIPR passwords end after 90 days: change yours there,"
    " set MUSTER_REGISTRY_PASSWORD, and restart Muster."
)
OWN_FAULT = "Muster came upon a fault of its own"
GIVEN_UP = "Reports were missing for 30 days: everyone watched is synced instead."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """When the alerts can be had, and under which subscription."""

    timetable: Timetable
    subscription: str
    email: str

    @classmethod
    def of_settings(cls) -> Plan:
        """The plan that the settings make."""
        given = settings.MUSTER_ALERTS
        return cls(Timetable(given["time"], given["zone"]), given["subscription"], given["email"])


@dataclass(slots=True)
class Ran:
    """What a run did. `busy`: nothing, for another one is at it; `failure`: what ended it early, in words."""

    read: list[date] = field(default_factory=list)
    read_again: list[date] = field(default_factory=list)
    given_up: list[date] = field(default_factory=list)
    unread: dict[date, str] = field(default_factory=dict)
    queued: int = 0
    retried: int = 0
    strangers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    targets: Targets = field(default_factory=Targets)
    targets_failure: str = ""
    failure: str = ""
    busy: bool = False


class _Over(Exception):
    """The service as a whole gives nothing; the run is over."""


def is_due(*, now: datetime, plan: Plan | None = None) -> bool:
    """Whether a run would do anything now."""
    plan = plan or Plan.of_settings()
    account = AlertsAccount.objects.first() or AlertsAccount()
    if not _has_work():
        return False
    days = _due(account, now, plan)
    if _may_retry(account, now, plan):
        return True
    return not _waits(account.next_at, now) and (bool(days) or _targets_due(account, now, plan))


def run_due(
    *,
    service: AlertsService,
    now: datetime,
    plan: Plan | None = None,
    day: date | None = None,
    at_once: bool = False,
    restore: bool = False,
    should_stop: Callable[[], bool] = lambda: False,
) -> Ran:
    """Do all that is due: targets, days, producers that ended in Retry Error.

    `day`: read this day's report once more, and nothing else. `at_once`: do not wait after failures, for a
    person asks. `restore`: that person has targets added again, however many the registry has lost. No
    failure of the registry is raised; `Ran` and the records tell them.
    """
    ran = Ran()
    with only_one(ALERTS_LOCK) as held:
        if not held:
            ran.busy = True
            return ran
        account, _ = AlertsAccount.objects.get_or_create(is_the_one=True)
        run = _Run(service, now, plan or Plan.of_settings(), at_once, should_stop, account, ran, restore)
        run.everything() if day is None else run.one_day(day)
    return ran


@dataclass
class _Run:
    service: AlertsService
    now: datetime
    plan: Plan
    at_once: bool
    should_stop: Callable[[], bool]
    account: AlertsAccount
    ran: Ran
    restore: bool
    answered: bool = field(default=False, init=False)
    silent_days: int = field(default=0, init=False)

    def everything(self) -> None:
        if _has_work():
            with self.told():
                self.forget_what_is_ahead()
                self.retry_errors()
                self.give_up()
            if self.at_once or not _waits(self.account.next_at, self.now):
                with self.told():
                    self.targets()
                    self.days()
                    self.give_up()

    def one_day(self, day: date) -> None:
        if self.plan.timetable.due_at(day) > self.now:
            self.ran.unread[day] = too_early(day, self.plan)
            return
        with self.told():
            self.read(Due(day, Step.AGAIN))

    @contextmanager
    def told(self) -> Iterator[None]:
        """Record how the run ended; unless nothing was asked of the service at all."""
        try:
            yield
        except _Over:
            return
        except Exception as fault:
            _log(fault)
            tries = self.account.tries + 1
            why = f"{OWN_FAULT}."
            self.note(ran_at=self.now, tries=tries, next_at=self.now + wait_after(tries), reason=why)
            self.ran.failure = why
            return
        if self.answered:
            self.note(ran_at=self.now, tries=0, next_at=None, reason="", refused_since=None)

    def forget_what_is_ahead(self) -> None:
        """Take back what is on record of days to come: a clock that was ahead has written it."""
        ahead = AlertDay.objects.filter(day__gt=self.plan.timetable.latest(self.now))
        ahead.filter(named=[]).delete()
        ahead.update(state=DayState.WAITING, tries=0, next_at=None, reason="", read_at=None)

    def targets(self) -> None:
        daily = _daily_targets_due(self.account, self.now, self.plan)
        if not self.at_once and _waits(self.account.targets_next_at, self.now):
            return
        newest = newest_producer()
        if not (daily or differs()):
            self.note(newest_producer=newest)
            return
        today = self.plan.timetable.day_of(self.now)
        try:
            equalize(
                service=self.service,
                subscription=self.plan.subscription,
                email=self.plan.email,
                ask_again=self.at_once or (daily and not self.account.targets_tries),
                restore=self.restore,
                today=today,
                now=self.now,
                should_stop=self.should_stop,
                done=self.ran.targets,
            )
        except RegistryError as error:
            if error.failure in OF_ALL | OUTAGES:
                self.over(error)
            self.targets_failed(reason(error.failure, error.words))
        except ListShrank:
            self.targets_failed(LIST_SHRANK)
        else:
            if not self.should_stop():
                self.note(targets_at=self.now, newest_producer=newest)
            self.note(
                started_on=min(self.account.started_on or today, today),
                targets_tries=0,
                targets_next_at=None,
                targets_reason="",
            )
        finally:
            tell_added()
        self.answered = True

    def targets_failed(self, why: str) -> None:
        tries = self.account.targets_tries + 1
        self.note(targets_tries=tries, targets_next_at=self.now + wait_after(tries), targets_reason=why)
        self.ran.targets_failure = why

    def days(self) -> None:
        for due in self.due():
            if self.should_stop():
                return
            if due.step is not Step.GIVE_UP:
                self.read(due)

    def due(self) -> list[Due]:
        return _due(self.account, self.now, self.plan, at_once=self.at_once)

    def read(self, due: Due) -> None:
        try:
            self.take(due)
        except RegistryError as error:
            self.fail(due.day, error)
        except Exception as fault:
            # A fault of our own over one day must not hold up all others.
            _log(fault)
            self.fail(due.day, BrokenAnswer(OWN_FAULT))

    def take(self, due: Due) -> None:
        """Ask for a day's report, and keep what it says."""
        try:
            report: AlertsReport | None = self.service.report(due.day)
        except NoAlerts:
            report = None
        self.answered, self.silent_days = True, 0
        if report is not None and report.broken:
            self.unread(due.day, report, reason(Failure.BROKEN_ANSWER, report.broken))
            return
        with transaction.atomic():
            row = _locked(due.day)
            row.state = state_after(DayState(row.state), report=report is not None)
            row.tries, row.next_at, row.reason, row.read_at = 0, None, "", self.now
            first = row.first_read_at is None
            row.first_read_at = row.first_read_at or self.now
            self.take_in(row, report or AlertsReport(), told=first)
        (self.ran.read_again if due.step is Step.AGAIN else self.ran.read).append(due.day)

    def fail(self, day: date, error: RegistryError) -> None:
        """Keep why a day's report did not come; end the run if it is not that day's failure alone."""
        if error.failure in OF_ALL:
            self.over(error)
        self.unread(day, AlertsReport(), reason(error.failure, error.words))
        if error.failure not in OUTAGES:
            self.answered, self.silent_days = True, 0
            return
        self.silent_days += 1
        if self.silent_days == SILENT_DAYS:
            self.over(error)

    def unread(self, day: date, report: AlertsReport, why: str) -> None:
        """Keep what could be read of a day, and when it is to be tried again."""
        self.ran.unread[day] = why
        with transaction.atomic():
            row = _locked(day)
            row.tries += 1
            row.next_at = self.now + wait_after(row.tries)
            row.reason = why
            self.take_in(row, report, told=False)

    def take_in(self, row: AlertDay, report: AlertsReport, *, told: bool) -> None:
        """Queue whom the report newly names, in the transaction that records it.

        If it is whole and says anything else than before, that is everyone whom it names: it does not say of
        whom it says something new.
        """
        new = set(report.named) - set(row.named)
        to_sync = new
        if report.named and not report.broken and report.digest != row.digest:
            to_sync, row.digest = set(report.named), report.digest
        row.named = sorted({*row.named, *report.named})
        row.strangers = _strangers(row.named)
        row.kinds = sorted({*row.kinds, *report.kinds})
        row.notes = list(dict.fromkeys([*row.notes, *report.notes]))
        queued = queue_for_sync(
            producers=Producer.objects.filter(npn__in=to_sync, is_watched=True), now=self.now
        )
        row.queued += queued
        row.save()
        if to_sync or told:
            _tell_run([row.day], sorted(to_sync))
        self.ran.queued += queued
        self.ran.strangers = sorted({*self.ran.strangers, *(set(row.strangers) & new)})
        self.ran.notes += report.notes

    def give_up(self) -> None:
        """Have everyone synced in place of reports that stayed missing; asks nothing of the service."""
        days = [due.day for due in self.due() if due.step is Step.GIVE_UP]
        if not days:
            return
        everyone = Producer.objects.filter(is_watched=True)
        with transaction.atomic():
            for day in days:
                row = _locked(day)
                row.state, row.next_at = DayState.BROKEN, None
                row.reason = f"{GIVEN_UP} {row.reason}".strip()[:300]
                row.save()
            self.ran.queued += queue_for_sync(producers=everyone, now=self.now)
            _tell_run(days, list(everyone.order_by().values_list("npn", flat=True).distinct()))
        self.ran.given_up += days

    def retry_errors(self) -> None:
        """Once a day, queue again the watched who used up their tries, or are found no longer."""
        if not _may_retry(self.account, self.now, self.plan):
            return
        with transaction.atomic():
            ended = Q(sync_status=SyncStatus.RETRY_ERROR) | Q(
                sync_status=SyncStatus.NOT_FOUND, synced_at__isnull=False
            )
            # Nobody is to wait for so long: a clock that was ahead has queued them.
            ended |= Q(sync_status=SyncStatus.QUEUED, sync_next_at__gt=self.now + ONE_DAY)
            self.ran.retried = queue_for_sync(
                producers=Producer.objects.filter(ended, is_watched=True), now=self.now
            )
            self.note(retried_on=self.plan.timetable.day_of(self.now))

    def over(self, error: RegistryError) -> NoReturn:
        """Record a failure of the service as a whole, and end the run."""
        refused = isinstance(error, Unauthorized)
        why = REFUSED if refused else reason(error.failure, error.words)
        # What answered something in this run is not out of order for long.
        tries = 1 if self.answered else self.account.tries + 1
        wait = wait_after(tries)
        if isinstance(error, Throttled) and error.retry_after:
            wait = max(wait, timedelta(seconds=min(error.retry_after, LONGEST_WAIT.total_seconds())))
        next_at = self.now + wait
        if error.failure in OUTAGES:
            # Each new report is asked for in time: it may be single days that are out of order.
            next_at = min(next_at, self.plan.timetable.next_at(self.now))
        with transaction.atomic():
            if refused:
                self.tell_refusal()
            self.note(ran_at=self.now, tries=tries, next_at=next_at, reason=why)
        self.ran.failure = why
        raise _Over

    def tell_refusal(self) -> None:
        today = self.plan.timetable.day_of(self.now)
        if self.account.refused_told_on != today:
            Event.objects.bulk_create(
                Event(kind=EventKind.ALERTS_REFUSED, organization_id=key, data={"reason": REFUSED})
                for key in Organization.objects.order_by("id").values_list("id", flat=True)
            )
        self.note(refused_since=min(self.account.refused_since or self.now, self.now), refused_told_on=today)

    def note(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self.account, name, value)
        self.account.save(update_fields=list(values))


def too_early(day: date, plan: Plan) -> str:
    """The sentence on a day whose report is still to come."""
    given = plan.timetable
    return f"The report of {day} can be had from {given.at:%H:%M} on that day on ({given.zone.key})."


def _has_work() -> bool:
    return Producer.objects.filter(is_watched=True).exists() or Watch.objects.exists()


def _log(fault: Exception) -> None:
    # By its type alone: its words may repeat what a report says of people.
    log.error("The daily alerts met a fault: %s", type(fault).__name__)


def _waits(until: datetime | None, now: datetime) -> bool:
    """Whether to wait; not for a moment further ahead than any wait, which a wrong clock has written."""
    return until is not None and now < until <= now + LONGEST_WAIT


def _daily_targets_due(account: AlertsAccount, now: datetime, plan: Plan) -> bool:
    latest = plan.timetable.due_at(plan.timetable.latest(now))
    at = account.targets_at
    return at is None or not latest <= at <= now or bool(account.targets_reason)


def _targets_due(account: AlertsAccount, now: datetime, plan: Plan) -> bool:
    if _waits(account.targets_next_at, now):
        return False
    # Whoever is new is seen at once; who is not to be watched any more waits for the day's comparison.
    return _daily_targets_due(account, now, plan) or newest_producer() > account.newest_producer


def _may_retry(account: AlertsAccount, now: datetime, plan: Plan) -> bool:
    today = plan.timetable.day_of(now)
    return account.retried_on != today and plan.timetable.due_at(today) <= now


def _due(account: AlertsAccount, now: datetime, plan: Plan, *, at_once: bool = False) -> list[Due]:
    """What is due about days; moments to come are taken for unknown, for a wrong clock has written them.

    None is given up on the word of the clock alone: the service must have told a day whole since the newest
    was due, or have been out of order for many tries.
    """
    timetable = plan.timetable
    if account.started_on is None or account.started_on > timetable.day_of(now):
        return []
    rows = AlertDay.objects.values_list("day", "state", "next_at", "read_at", "tries")
    days = {
        day: Day(
            DayState(state),
            next_at if _waits(next_at, now) and not at_once else None,
            None if read_at is None or read_at > now else read_at,
            tries,
        )
        for day, state, next_at, read_at, tries in rows
    }
    newest = timetable.due_at(timetable.latest(now))
    is_heard = any(known.read_at is not None and known.read_at >= newest for known in days.values())
    due = due_days(days, first=account.started_on, now=now, timetable=timetable)
    may_give_up = is_heard or account.tries >= OUT_OF_ORDER
    return [one for one in due if may_give_up or one.step is not Step.GIVE_UP]


def _locked(day: date) -> AlertDay:
    AlertDay.objects.get_or_create(day=day)
    return AlertDay.objects.select_for_update().get(day=day)


def _strangers(npns: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement("strangers"), {"npns": npns})
        return [npn for (npn,) in cursor.fetchall()]


def _tell_run(days: list[date], named: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement("watched_by"), {"npns": named})
        Event.objects.bulk_create(
            Event(
                kind=EventKind.ALERTS_RUN,
                organization_id=organization_id,
                data={"days": [day.isoformat() for day in days], "named": count},
            )
            for organization_id, count in cursor.fetchall()
        )
