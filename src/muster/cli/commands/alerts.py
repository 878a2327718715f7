"""`muster alerts`: the run of the daily alerts that the worker makes by itself, made now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import click
from django.conf import settings
from django.utils import timezone

from muster.cli.at_hand import registry_at_hand
from muster.config.errors import CannotDoIt
from muster.core.alerts import is_weekday
from muster.registry.alerts import Plan, Ran, too_early
from muster.registry.queue import defer_alerts
from muster.registry.tasks import alerts_now

SHOWN = 10


@click.command()
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Read this day's report once more, and do nothing else.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(day: datetime | None, as_json: bool) -> int:
    """Fetch the daily alerts that are due, and bring the list of watched producers up to date.

    Whoever is named is queued for sync. Exit code 0: all good. 1: something could not be read, or a producer
    is not watched. 2: it cannot be done.
    """
    if not settings.MUSTER_ALERTS["url"]:
        raise CannotDoIt(
            "There are no daily alerts: set MUSTER_ALERTS_URL to where your registry's alerts service is."
        )
    asked = None if day is None else checked(day.date(), plan=Plan.of_settings(), now=timezone.now())
    with registry_at_hand() as at_hand:
        if not at_hand:
            defer_alerts(day=asked, at_once=True)
            click.echo('{"left_to_worker": true}' if as_json else "The worker of muster up does it now.")
            return 0
        ran = alerts_now(day=asked, at_once=True)
    if ran.busy:
        raise CannotDoIt("The daily alerts are being fetched this moment; try again in a minute.")
    if as_json:
        click.echo(json.dumps(_told(ran), ensure_ascii=False))
    else:
        for sentence in _sentences(ran):
            click.echo(sentence)
    if ran.failure:
        raise CannotDoIt(ran.failure)
    return 1 if ran.unread or ran.targets.refused or ran.targets_failure else 0


def checked(day: date, *, plan: Plan, now: datetime) -> date:
    """The day, if there can be a report of it by now. Raises CannotDoIt."""
    if not is_weekday(day):
        raise CannotDoIt(f"{day} is at a weekend, for which there is no report.")
    if plan.timetable.due_at(day) > now:
        raise CannotDoIt(too_early(day, plan))
    return day


def _told(ran: Ran) -> dict[str, Any]:
    return {
        "days": [str(day) for day in ran.read],
        "days_again": [str(day) for day in ran.read_again],
        "unread": {str(day): why for day, why in ran.unread.items()},
        "given_up": [str(day) for day in ran.given_up],
        "queued": ran.queued,
        "retried": ran.retried,
        "targets": {
            "added": ran.targets.added,
            "removed": ran.targets.removed,
            "refused": ran.targets.refused,
            "queued": ran.targets.queued,
            "failure": ran.targets_failure,
        },
        "strangers": ran.strangers,
        "notes": ran.notes,
        "failure": ran.failure,
    }


def _sentences(ran: Ran) -> list[str]:
    said = []
    if ran.read and ran.read_again:
        said.append(f"Read the alerts of {_some(ran.read)}, and once more those of {_some(ran.read_again)}.")
    elif ran.read or ran.read_again:
        said.append(
            f"Read the alerts of {_some(ran.read or ran.read_again)}{'' if ran.read else ' once more'}."
        )
    said += [f"The alerts of {day} could not be read. {why}" for day, why in ran.unread.items()]
    if ran.given_up:
        said.append(f"Given up: {_some(ran.given_up)}. Everyone watched is synced instead.")
    targets = ran.targets
    if targets.added or targets.removed or targets.refused:
        said.append(
            f"Watched producers: {targets.added:,} added, {targets.removed:,} removed,"
            f" {targets.refused:,} not taken by the registry."
        )
    if ran.targets_failure:
        said.append(f"The list of watched producers could not be compared. {ran.targets_failure}")
    to_sync = ran.queued + ran.retried + targets.queued
    if to_sync:
        said.append(f"{to_sync:,} {'producer' if to_sync == 1 else 'producers'} to sync; the worker does it.")
    if ran.strangers:
        said.append(f"Named, and nobody's here: NPN {_some(ran.strangers)}.")
    said += ran.notes
    return said or ([] if ran.failure else ["Nothing of the daily alerts is due."])


def _some(things: Sequence[object]) -> str:
    more = len(things) - SHOWN
    return ", ".join(map(str, things[:SHOWN])) + (f" and {more:,} more" if more > 0 else "")
