"""Keeping the registry's list of targets equal to the producers whom anybody here wants watched.

The list itself is the truth: it is read before anything is added, so a run that was killed between asking the
registry and writing down what it said is made good by the next one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

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

SPARE_CALLS = 40
"""How many calls that all are rejected a run spends on finding which NPNs the registry will not take."""

FEW = 20
"""So many targets that the registry has lost are added again, however many it had confirmed."""

SLACK = timedelta(hours=1)
"""Who was synced so shortly before the adding is not synced again: an import would sync everyone twice."""

WITHOUT_WORDS = "The registry did not take it, and did not say why."
LIST_SHRANK = (
    "The registry's list lacks more than a tenth of the producers whom it had confirmed. To add them again"
    " has each of them synced, which may cost money, so nobody was added. If they are to be added, press"
    " “Update the subscription” on the page Registry."
)


class ListShrank(Exception):
    """The registry's list lacks so many of those whom it had confirmed that a person is to look."""


@dataclass(slots=True)
class Targets:
    """How many targets were added and removed, how many the registry refused, and how many were queued."""

    added: int = 0
    removed: int = 0
    refused: int = 0
    queued: int = 0


def newest_producer() -> int:
    """The highest id of a producer, 0 where there is none: one look into an index, whatever their number."""
    return Producer.objects.order_by("-id").values_list("id", flat=True).first() or 0


def differs() -> bool:
    """Whether somebody is to be watched of whom the registry was not asked yet, or nobody wants watched.

    Reads all producers and all on record, which takes seconds for a million.
    """
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
    restore: bool,
    today: date,
    now: datetime,
    done: Targets,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Make the targets equal to the NPNs wanted; `ask_again`: also for those that the registry had refused.

    `restore`: a person says that targets are to be added again, however many the registry has lost. `done` is
    added to. Raises ListShrank, before anything is changed, and RegistryError; what was done until then stays
    done and is on record.
    """
    if subscription not in service.subscriptions():
        service.add_subscription(subscription, email=email)
    standings = _compare(service.targets(subscription))
    lost = standings["lost"]
    if restore:
        # From here on they are new, so that whoever goes on after a kill need not be told again.
        for chunk in _chunks(lost):
            Watch.objects.filter(npn__in=chunk).delete()
    elif len(lost) > max(FEW, Watch.objects.filter(confirmed_at__isnull=False).count() // 10):
        raise ListShrank
    asking = _Asking(service, subscription, today, now, done)
    # Taken by a run that did not live to write it down.
    for chunk in _chunks(standings["found"]):
        asking.take_in(TargetsAnswer(frozenset(chunk), {}), chunk)
    for chunk in _chunks(standings["new"] + lost):
        if should_stop():
            return
        asking.add(chunk)
    for chunk in _chunks(standings["unwanted"]):
        if should_stop():
            return
        service.remove_targets(subscription, chunk)
        Watch.objects.filter(npn__in=chunk).delete()
        done.removed += len(chunk)
    for chunk in _chunks(standings["forgotten"]):
        Watch.objects.filter(npn__in=chunk).delete()
    # Last, and without a failure where no call is to spare: those refused keep nobody else away.
    with suppress(Rejected):
        for chunk in _chunks(standings["refused"] if ask_again else []):
            if should_stop():
                return
            asking.add(chunk)


def _compare(listed: Iterable[str]) -> dict[str, list[str]]:
    """Sort the NPNs by how they stand (compare.sql). The database compares: of a million, few differ."""
    standings: dict[str, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            'CREATE TEMPORARY TABLE IF NOT EXISTS listed_target (npn text COLLATE "C" PRIMARY KEY)'
        )
        cursor.execute("TRUNCATE listed_target")
        with cursor.copy("COPY listed_target FROM STDIN") as copy:
            for npn in listed:
                copy.write_row((npn,))
        cursor.execute(statement("compare"))
        for standing, npn in cursor:
            standings[standing].append(npn)
        cursor.execute("TRUNCATE listed_target")
    return standings


@dataclass(slots=True)
class _Asking:
    service: AlertsService
    subscription: str
    today: date
    now: datetime
    done: Targets
    spare: int = SPARE_CALLS

    def add(self, npns: Sequence[str]) -> None:
        """Add NPNs, each on record as soon as its answer is known.

        Those that are rejected as a whole are halved, so that one bad NPN keeps no others away. A call that
        is taken gives back what the halving cost: what runs out is calls in which nothing is.
        """
        try:
            answer = self.service.add_targets(self.subscription, npns)
            self.spare = min(self.spare + 2, SPARE_CALLS)
        except Rejected as error:
            if len(npns) > 1:
                if self.spare < 2:
                    raise
                self.spare -= 2
                middle = len(npns) // 2
                self.add(npns[:middle])
                self.add(npns[middle:])
                return
            answer = TargetsAnswer(frozenset(), {npns[0]: error.words})
        self.take_in(answer, npns)

    def take_in(self, answer: TargetsAnswer, asked: Sequence[str]) -> None:
        """Record what became of the NPNs asked for, and queue whom nobody has watched since the last sync."""
        taken = [npn for npn in asked if npn in answer.taken]
        others = [npn for npn in asked if npn not in answer.taken]
        words = [answer.refused.get(npn) or WITHOUT_WORDS for npn in others]
        of_now = {"today": self.today, "now": self.now}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement("confirm_watch"), {"npns": taken, **of_now})
            cursor.execute(statement("refuse_watch"), {"npns": others, "words": words, **of_now})
            # A report is of whom the registry watched when it was made: what changed before the adding may
            # stand in none.
            before = Producer.objects.filter(npn__in=taken, is_watched=True, synced_at__lt=self.now - SLACK)
            self.done.queued += queue_for_sync(producers=before, now=self.now)
        self.done.added += len(taken)
        self.done.refused += len(others)


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


def _chunks(npns: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(npns), CHUNK):
        yield npns[start : start + CHUNK]
