"""What there is to do, the most pressing first: the first page leads with the first of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from muster.bulk.models import Operation, OperationState
from muster.console.appointments.words import risk_words
from muster.console.home.queries import AlertsRun, Figures, SyncCounts
from muster.core.counting import counted, noun
from muster.core.transactions import BatchState, Status
from muster.core.words import states
from muster.licenses.standing import Standing
from muster.producers.models import WAITING_FOR_SYNC, SyncStatus
from muster.transactions.queries import DUE_SOON, UNRELEASED, Awaited, Capped

S = OperationState

PRESSING_WEEKS = 2
"""Licenses that expire within so many weeks are a task."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: what it is, what to do about it, and where; `verb` is what its button says."""

    title: str
    text: str
    url: str
    verb: str
    color: str
    icon: str


UPLOADS = {
    S.READY: ("is checked and waits for you to process it", "Process it", "blue", "player-play"),
    S.BLOCKED: ("cannot be read: see what to change in the file", "See why", "red", "file-x"),
    S.STALLED: ("was stopped by a fault: start it again", "Start again", "red", "alert-triangle"),
    S.DONE_WITH_FAILURES: (
        "is done, but some rows were rejected: mend them",
        "Mend rows",
        "orange",
        "file-alert",
    ),
}


def tasks(
    waiting: Iterable[Operation],
    counts: SyncCounts,
    alerts: AlertsRun | None,
    figures: Figures,
    *,
    today: date,
    may_sync: bool,
    may_release: bool,
) -> list[Task]:
    """All there is to do: what keeps Muster from knowing before what keeps producers from selling."""
    return [
        *_of_alerts(alerts, today),
        *(_of_upload(operation) for operation in waiting),
        *_of_sync(counts),
        *_of_transactions(figures.awaited, may_release=may_release),
        *_of_records(figures, today, may_sync=may_sync),
    ]


def _of_alerts(alerts: AlertsRun | None, today: date) -> Iterator[Task]:
    if alerts and alerts.is_refused:
        yield Task(
            "The registry refuses our user name or password",
            "Until that is changed, nothing here is kept current",
            reverse("registry"),
            "See how to change it",
            "red",
            "plug-connected-x",
        )
    elif alerts and alerts.unread:
        yield Task(
            f"{unread_words(alerts, today)} could not be read",
            "Muster tries again by itself: see why, and who was named all the same",
            reverse("registry"),
            "See why",
            "orange",
            "alert-triangle",
        )


def unread_words(alerts: AlertsRun, today: date) -> str:
    """The alerts that could not be read, such as "Friday’s alerts"."""
    if len(alerts.unread) > 1:
        return f"The alerts of {len(alerts.unread)} days"
    day = alerts.unread[0].day
    if today - day < timedelta(days=7):
        return f"{day:%A}’s alerts"
    return f"The alerts of {day:%b} {day.day}"


def _of_upload(operation: Operation) -> Task:
    text, verb, color, icon = UPLOADS[OperationState(operation.state)]
    url = reverse("import-detail", args=[operation.pk])
    return Task(operation.source_name or "An import", text, url, verb, color, icon)


def _of_sync(counts: SyncCounts) -> Iterator[Task]:
    producers = reverse("producer-list")
    if not_found := counts.of(SyncStatus.NOT_FOUND):
        yield Task(
            f"{not_found:,} not found at the registry",
            "Check their NPN, then sync again",
            f"{producers}?status=not_found",
            "See who",
            "red",
            "user-question",
        )
    if gave_up := counts.of(SyncStatus.RETRY_ERROR):
        yield Task(
            f"{gave_up:,} could not be synced",
            "Muster tried several times: see why, then sync again",
            f"{producers}?status=retry_error",
            "See why",
            "red",
            "alert-circle",
        )
    if never := counts.of(SyncStatus.NOT_STARTED):
        yield Task(
            f"{counted(never, 'producer was,producers were')} never synced",
            "Ask the registry about them: licenses and appointments come from there",
            f"{producers}?status=not_started",
            "See who",
            "blue",
            "cloud-download",
        )


def _of_transactions(awaited: Awaited, *, may_release: bool) -> Iterator[Task]:
    transactions = reverse("transaction-list")
    if awaited.due_soon:
        held = noun(awaited.due_soon, "transaction is,transactions are")
        yield Task(
            f"{_number(awaited.due_soon)} held {held} due",
            "There was business: file them before the state’s deadline",
            f"{transactions}?due={DUE_SOON}",
            "See which",
            "red",
            "hourglass",
        )
    if awaited.action_required:
        yield Task(
            f"The state asks for something in {_transactions(awaited.action_required)}",
            "See its words, and answer the state",
            f"{transactions}?status={Status.ACTION_REQUIRED}",
            "See what",
            "orange",
            "alert-triangle",
        )
    if awaited.rejected:
        yield Task(
            f"{_transactions(awaited.rejected)} rejected by the registry",
            "See why, then retry or close them",
            f"{transactions}?status={Status.REJECTED}",
            "See why",
            "red",
            "circle-x",
        )
    if awaited.in_review:
        yield Task(
            f"{_number(awaited.in_review)} {noun(awaited.in_review, 'batch,batches')} in review",
            "Approve them, or send them back"
            if may_release
            else "They wait for somebody who may release filings",
            f"{reverse('batch-list')}?state={BatchState.IN_REVIEW}",
            "See which",
            "blue",
            "eye-check",
        )
    if awaited.ready:
        yield Task(
            f"{_transactions(awaited.ready)} ready to submit",
            "Submit them to the registry"
            if may_release
            else "They wait for somebody who may release filings",
            f"{transactions}?status={Status.READY}&queue={UNRELEASED}",
            "See which",
            "blue",
            "file-invoice",
        )


def _transactions(count: Capped) -> str:
    return f"{_number(count)} {noun(count, 'transaction,transactions')}"


def _number(count: Capped) -> str:
    return "More than 10,000" if count.is_more else f"{count:,}"


def _of_records(figures: Figures, today: date, *, may_sync: bool) -> Iterator[Task]:
    if expired := figures.expiring.expired:
        yield Task(
            f"{counted(expired, 'license has,licenses have')} expired",
            "The registry still calls them active: see whether a renewal is on its way",
            f"{reverse('license-list')}?standing={Standing.EXPIRED}",
            "See which",
            "red",
            "calendar-x",
        )
    if risky := figures.at_risk.total:
        reason = risk_words(next(iter(figures.at_risk.by_risk), ""))
        yield Task(
            f"{counted(risky, 'appointment is,appointments are')} at risk",
            f"Most often: {reason.lower()}" if reason else "See why",
            f"{reverse('appointment-list')}?health=at_risk",
            "See which",
            "red",
            "clipboard-x",
        )
    weeks = figures.expiring.weeks[:PRESSING_WEEKS]
    if soon := sum(week.licenses for week in weeks):
        yield Task(
            f"{counted(soon, 'license expires,licenses expire')} within {7 * PRESSING_WEEKS} days",
            "Renew them before they do",
            f"{reverse('license-list')}?from={today}&to={weeks[-1].last}",
            "See which",
            "orange",
            "calendar-exclamation",
        )
    if figures.reminders:
        yield Task(
            f"{counted(figures.reminders, 'reminder,reminders')} of licenses to renew",
            "See to them, and mark them as done" if may_sync else "See whose they are, and by when",
            reverse("reminder-list"),
            "See reminders",
            "orange",
            "bell",
        )
    if figures.gaps:
        worst = figures.gaps[0]
        name = states().get(worst.state, worst.state)
        yield Task(
            f"{counted(worst.assignments, 'assignment has,assignments have')} gaps in {name}",
            "Each gap comes with its next step",
            f"{reverse('scorecard-list')}?state={worst.state}",
            "See gaps",
            "yellow",
            "puzzle",
        )


def nothing_to_do(counts: SyncCounts) -> Task:
    """What the page leads with when there is nothing to do."""
    producers = reverse("producer-list")
    if waiting := counts.of(*WAITING_FOR_SYNC):
        return Task(
            f"{counted(waiting, 'report is,reports are')} on the way",
            "The registry is being asked; there is nothing to do meanwhile",
            f"{producers}?" + "&".join(f"status={status}" for status in WAITING_FOR_SYNC),
            "See who waits",
            "blue",
            "clock",
        )
    return Task(
        "Nothing needs you today",
        "No import and no filing waits, no license has expired or is about to, and no appointment is at risk",
        producers,
        "See producers",
        "green",
        "circle-check",
    )
