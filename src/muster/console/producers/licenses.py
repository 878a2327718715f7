"""Licenses in words: each with why it, or a line of it, is not active, as far as anybody has told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localtime

from muster.console.changes.labels import day
from muster.licenses.models import LineOfAuthority
from muster.licenses.standing import Standing
from muster.producers.profile import HeldLicense


@dataclass(frozen=True, slots=True)
class LicenseTold:
    """A license; `why` are sentences, none where it and its lines are active.

    `anchor` is set on the first license of its state that has any: the next steps of gaps lead there.
    """

    held: HeldLicense
    why: tuple[str, ...]
    anchor: str = ""


def tell_licenses(
    licenses: Iterable[HeldLicense], *, seen: Mapping[int, datetime], today: date
) -> list[LicenseTold]:
    """The words for licenses; `seen` says by id when Muster was told that one is inactive."""
    told, anchors = [], set()
    for held in licenses:
        why = _why(held, seen.get(held.license.pk), today)
        anchor = f"why-{held.license.state}"
        is_first = bool(why) and anchor not in anchors
        anchors.update([anchor] if is_first else [])
        told.append(LicenseTold(held, why, anchor if is_first else ""))
    return told


def _why(held: HeldLicense, seen_at: datetime | None, today: date) -> tuple[str, ...]:
    if held.standing is Standing.GONE:
        return ()
    license = held.license
    lines = [line for line in held.lines if line.gone_at is None and line.status.strip().lower() != "active"]
    if license.is_active:
        return ("Not every line is active.", _reasons(lines)) if lines else ()
    since = f"Muster has known since {_day(seen_at)}" if seen_at else "it did so when Muster first asked"
    said = [f"The state calls this license inactive; {since}."]
    if license.expires_on and license.expires_on < today:
        said.append(f"It expired {day(license.expires_on)}.")
    return (*said, _reasons(lines))


def _reasons(lines: Iterable[LineOfAuthority]) -> str:
    """What the registry says of these lines, each reason once; the list of lines says which is whose."""
    told = dict.fromkeys(_reason(line) for line in lines if line.status_reason or line.status_reason_on)
    if not told:
        return "The registry gives no reason: ask the state."
    return f"The state’s reason: {'; '.join(told)}."


def _reason(line: LineOfAuthority) -> str:
    since = f"since {day(line.status_reason_on)}" if line.status_reason_on else ""
    return ", ".join(filter(None, (line.status_reason or f"{line.status} without a reason told", since)))


def _day(at: datetime) -> str:
    return day(localtime(at).date())
