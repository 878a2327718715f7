"""Keeping the registry's list of targets equal to the producers whom anybody here wants watched.

The list itself is the truth: it is read before anything is added, so a run that was killed between asking the
registry and writing down what it said is made good by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Count

from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.producers.models import Producer
from muster.registry.models import Watch
from muster.registry.operations import queue_for_sync
from muster.registry.port import AlertsService, Rejected, TargetsAnswer
from muster.registry.sql import statement

CHUNK = 500
"""Targets of one call. The only limit that is known of anybody's."""

WITHOUT_WORDS = "The registry did not take it, and did not say why."


@dataclass(slots=True)
class Targets:
    """How many targets were added and removed, how many the registry refused, and how many were queued."""

    added: int = 0
    removed: int = 0
    refused: int = 0
    queued: int = 0


def differs() -> bool:
    """Whether somebody is to be watched of whom the registry was not asked yet, or nobody wants watched."""
    with connection.cursor() as cursor:
        for name in ("unwatched", "unwanted"):
            cursor.execute(f"SELECT EXISTS ({statement(name)})")
            if cursor.fetchone()[0]:
                return True
    return False


def equalize(
    *,
    service: AlertsService,
    subscription: str,
    email: str,
    ask_again: bool,
    today: date,
    midnight: datetime,
    now: datetime,
    done: Targets,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Make the targets equal to the NPNs wanted; `ask_again`: also for those that the registry had refused.

    `today` began at `midnight`; `done` is added to. Raises RegistryError; what was done until then stays done
    and is on record.
    """
    spare = SpareCalls()
    if subscription not in service.subscriptions():
        service.add_subscription(subscription, email=email)
    held = service.targets(subscription)
    wanted = set(Producer.objects.filter(is_watched=True).order_by().values_list("npn", flat=True).distinct())
    on_record = dict(Watch.objects.values_list("npn", "confirmed_at"))
    # Taken by a run that did not live to write it down.
    found = [npn for npn in wanted & held if on_record.get(npn) is None]
    for chunk in _chunks(found):
        _take_in(TargetsAnswer(frozenset(chunk), {}), chunk, done, today=today, midnight=midnight, now=now)
    refused = set() if ask_again else {npn for npn, at in on_record.items() if at is None}
    for chunk in _chunks(wanted - held - refused):
        if should_stop():
            return
        answer = _add(service, subscription, chunk, spare)
        _take_in(answer, chunk, done, today=today, midnight=midnight, now=now)
    for chunk in _chunks(held - wanted):
        if should_stop():
            return
        service.remove_targets(subscription, chunk)
        Watch.objects.filter(npn__in=chunk).delete()
        done.removed += len(chunk)
    Watch.objects.filter(npn__in=on_record.keys() - wanted - held).delete()


@dataclass(slots=True)
class SpareCalls:
    """How many more calls a run may spend on finding which NPN of a chunk the registry will not take."""

    left: int = 40


def _add(service: AlertsService, subscription: str, chunk: Sequence[str], spare: SpareCalls) -> TargetsAnswer:
    """Add a chunk. One that is rejected as a whole is halved, so that one bad NPN keeps no others away."""
    try:
        return service.add_targets(subscription, chunk)
    except Rejected as error:
        if len(chunk) == 1:
            return TargetsAnswer(frozenset(), {chunk[0]: error.words})
        if spare.left < 2:
            raise
    spare.left -= 2
    middle = len(chunk) // 2
    first = _add(service, subscription, chunk[:middle], spare)
    second = _add(service, subscription, chunk[middle:], spare)
    return TargetsAnswer(first.taken | second.taken, {**first.refused, **second.refused})


def _take_in(
    answer: TargetsAnswer,
    asked: Sequence[str],
    done: Targets,
    *,
    today: date,
    midnight: datetime,
    now: datetime,
) -> None:
    """Record what became of the NPNs asked for, and queue whom nobody has watched since the last sync."""
    taken = [npn for npn in asked if npn in answer.taken]
    others = [npn for npn in asked if npn not in answer.taken]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement("confirm_watch"), {"npns": taken, "today": today, "now": now})
        words = [answer.refused.get(npn) or WITHOUT_WORDS for npn in others]
        cursor.execute(
            statement("refuse_watch"), {"npns": others, "words": words, "today": today, "now": now}
        )
        # What changed between the last sync and the day of the adding stands in no alert.
        done.queued += queue_for_sync(
            producers=Producer.objects.filter(npn__in=taken, is_watched=True, synced_at__lt=midnight), now=now
        )
    done.added += len(taken)
    done.refused += len(others)


def tell_added() -> int:
    """Record in every organization concerned how many of its producers were added; return how many NPNs."""
    with transaction.atomic():
        new = Watch.objects.filter(is_told=False, confirmed_at__isnull=False)
        npns = list(new.select_for_update().order_by("npn").values_list("npn", flat=True))
        if npns:
            by_organization = Producer.objects.filter(
                is_watched=True, npn__in=Watch.objects.filter(is_told=False, confirmed_at__isnull=False)
            )
            Event.objects.bulk_create(
                Event(kind=EventKind.TARGETS_ADDED, organization_id=key, data={"targets": count})
                for key, count in by_organization.order_by("organization_id")
                .values_list("organization_id")
                .annotate(Count("id"))
            )
            new.update(is_told=True)
    return len(npns)


def _chunks(npns: Iterable[str]) -> Iterator[list[str]]:
    in_order = sorted(npns, key=lambda npn: (len(npn), npn))
    for start in range(0, len(in_order), CHUNK):
        yield in_order[start : start + CHUNK]
