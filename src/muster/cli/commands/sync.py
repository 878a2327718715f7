"""`muster sync`: the same queue as the pages', resumed or added to, and drained here if one waits for it."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread
from typing import Any

import click
from django.db import connection
from django.db.models import Count, QuerySet
from django.utils import timezone

from muster.access.models import OrganizationQuerySet
from muster.access.permissions import Permission
from muster.cli.acting import acting_member, acting_options
from muster.cli.at_hand import registry_at_hand
from muster.config.errors import CannotDoIt
from muster.core.sync import Failure
from muster.core.values import clean_npn
from muster.licenses.models import License
from muster.producers.models import Producer, SyncStatus
from muster.registry.models import RegistryPause
from muster.registry.operations import due_at, end_pause, queue_for_sync, resync
from muster.registry.queries import waiting_for_sync
from muster.registry.queue import defer_sync
from muster.registry.tasks import drain_now

GOOD = frozenset({SyncStatus.SUCCESS, SyncStatus.SUCCESS_NO_LICENSES})
SECONDS_BETWEEN_LOOKS = 0.5
IDS_AT_ONCE = 10_000


@click.command()
@click.option("--npn", "npns", multiple=True, metavar="NPN", help="Sync this producer now; can be repeated.")
@click.option("--wait", is_flag=True, help="Come back when none waits any more.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=3600,
    show_default=True,
    metavar="SECONDS",
    help="With --wait: how long to wait at most.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@acting_options
def command(
    npns: Sequence[str],
    wait: bool,
    timeout: float,
    as_json: bool,
    email: str | None,
    organization: str | None,
) -> int:
    """Sync with the registry: the producers named, else all that wait for it or were never synced.

    Exit code 0: all good. 1: some got no report. 2: it cannot be done.
    """
    member = acting_member(email, Permission.SYNC, organization=organization)
    mine = Producer.objects.visible_to(member, Permission.SYNC)
    now = timezone.now()
    # Whatever it was that stopped the sync, a person says that it may go on.
    end_pause()
    if npns:
        chosen = _named(mine, npns)
        resync(member=member, producers=mine.filter(id__in=chosen), now=now)
        left = waiting_for_sync(organization_id=member.organization_id).filter(id__in=chosen)
    else:
        queue_for_sync(producers=mine.filter(sync_status=SyncStatus.NOT_STARTED), now=now)
        left = waiting_for_sync(organization_id=member.organization_id)
        chosen = list(left.values_list("id", flat=True))
        if chosen:
            defer_sync()
    if wait and chosen:
        with registry_at_hand() as at_hand, _progress(len(chosen), left, shown=not as_json):
            _wait(left, time.monotonic() + timeout, drains=at_hand)
    told = _told(chosen, named=bool(npns))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _tell(told)
    good = sum(told["statuses"].get(status.label, 0) for status in GOOD)
    return 1 if wait and good < len(chosen) else 0


def _named(mine: OrganizationQuerySet, npns: Sequence[str]) -> list[int]:
    """The ids of the producers with these NPNs; CannotDoIt when one of them is not on record."""
    wanted: dict[str, None] = {}
    for given in npns:
        npn, _ = clean_npn(given)
        if npn is None:
            raise CannotDoIt(f"{given} is no NPN: an NPN has 1 to 10 digits.")
        wanted[npn] = None
    found = dict(mine.filter(npn__in=wanted).values_list("npn", "id"))
    if unknown := [npn for npn in wanted if npn not in found]:
        raise CannotDoIt(f"No producer here has the NPN {', '.join(unknown)}; nothing was queued.")
    return [found[npn] for npn in wanted]


def _wait(left: QuerySet[Producer], deadline: float, *, drains: bool) -> None:
    """Come back when none is left, or when the time is up; also waits for those tried again later."""

    def is_over() -> bool:
        return time.monotonic() >= deadline

    while not is_over() and left.exists():
        if drains:
            drain_now(should_stop=is_over)
        if pause := RegistryPause.objects.filter(failure=Failure.UNAUTHORIZED.value).first():
            raise CannotDoIt(pause.reason)
        time.sleep(max(0.0, min(_seconds_until(due_at()), deadline - time.monotonic())))


def _seconds_until(at: datetime | None) -> float:
    """Seconds to sleep before it is worth looking again."""
    if at is None:
        return SECONDS_BETWEEN_LOOKS
    return min(max((at - timezone.now()).total_seconds(), 0.0), SECONDS_BETWEEN_LOOKS)


@contextmanager
def _progress(total: int, left: QuerySet[Producer], *, shown: bool) -> Iterator[None]:
    """A progress bar, where somebody looks."""
    if not (shown and sys.stderr.isatty()):
        yield
        return
    over = Event()
    watch = Thread(target=_watch, args=(total, left.count, over), daemon=True)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()


def _watch(total: int, left: Callable[[], int], over: Event) -> None:
    with click.progressbar(length=total, label="Syncing", file=sys.stderr) as bar:
        while not over.wait(SECONDS_BETWEEN_LOOKS):
            bar.update(max(0, total - left() - bar.pos))
        bar.update(max(0, total - left() - bar.pos))
    connection.close()


def _told(ids: Sequence[int], *, named: bool) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = Producer.objects.filter(id__in=ids[start : start + IDS_AT_ONCE]).order_by()
        counts.update(dict(some.values_list("sync_status").annotate(Count("id"))))
    told: dict[str, Any] = {
        "queued": len(ids),
        "statuses": {status.label: counts[status.value] for status in SyncStatus if counts[status.value]},
    }
    if named:
        told["producers"] = _producers(ids)
    return told


def _producers(ids: Sequence[int]) -> list[dict[str, Any]]:
    licenses = dict(
        License.objects.filter(producer_id__in=ids, gone_at=None)
        .order_by()
        .values_list("producer_id")
        .annotate(Count("id"))
    )
    found = {producer.pk: producer for producer in Producer.objects.filter(id__in=ids)}
    return [
        {
            "npn": found[key].npn,
            "status": found[key].get_sync_status_display(),
            "reason": found[key].sync_reason,
            "licenses": licenses.get(key, 0),
        }
        for key in ids
    ]


def _tell(told: dict[str, Any]) -> None:
    if not told["queued"]:
        click.echo("No producer waits for the registry.")
    for status, count in told["statuses"].items():
        click.echo(f"  {count:>9,} {status}")
    for producer in told.get("producers", ()):
        why = f": {producer['reason']}" if producer["reason"] else ""
        click.echo(f"  NPN {producer['npn']}: {producer['status']}, {producer['licenses']} licenses{why}")
