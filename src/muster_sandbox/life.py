"""What happens to producers after `career.LAST_DAY`: by chance, or when a license is not renewed.

Everything follows from the seed and the NPN, and what happened up to a day never depends on how long ago that
day is: life goes on, and nobody's past changes.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from random import Random

from muster_sandbox import happenings
from muster_sandbox.career import LAST_DAY
from muster_sandbox.happenings import Happening, Record
from muster_sandbox.records import License, Producer
from muster_sandbox.specials import BY_NPN
from muster_sandbox.terms import next_month, renewals_between

HIGHEST_RATE = 50.0
_DAYS_IN_YEAR = 365.25
# Of the renewals that come up, this part for each event in a year is missed; it is made up for in most cases.
_MISSED = 0.04
_MISSED_AT_MOST = 0.5
_REINSTATED = 0.6


def lived(
    producer: Producer,
    *,
    seed: int,
    today: date,
    rate: float,
    filed: Sequence[tuple[date, Happening]] = (),
) -> Producer:
    """Return the producer with what happened after LAST_DAY and up to `today`, as of which it was made.

    `rate` is how many events a producer has in a year; 0 is no life at all. Besides, licenses come to their
    expiry unrenewed, the more the higher the rate. Special NPNs have no life. What was `filed` happens to
    anybody, on its days, after whatever else does.
    """
    waiting: list[tuple[date, int, int, Happening]] = [
        (day, 2, place, happening) for place, (day, happening) in enumerate(filed) if day <= today
    ]
    if rate > 0 and producer.npn not in BY_NPN:
        chances = _chances(producer.npn, seed=seed, until=today, rate=rate)
        waiting += [(day, 1, place, happening) for place, (day, happening) in enumerate(chances)]
        for place, held in enumerate(producer.licenses):
            waiting += _missed(producer.npn, held, place, seed=seed, today=today, rate=rate)
    if not waiting:
        return producer
    heapq.heapify(waiting)
    record = Record(producer, today)
    while waiting:
        day, _, _, happening = heapq.heappop(waiting)
        known = len(record.licenses)
        happening(record, day)
        for place, held in enumerate(record.licenses[known:], known):
            for each in _missed(producer.npn, held, place, seed=seed, today=today, rate=rate):
                heapq.heappush(waiting, each)
    return record.producer()


def next_change(producer: Producer, *, seed: int, today: date, rate: float) -> date:
    """Return the first day after `today` on which the report of a producer who lived until today may differ.

    Until then it surely is the same: licenses come up for renewal, appointments for theirs, and life goes on
    on known days.
    """
    tomorrow = today + timedelta(days=1)
    days = [today + timedelta(days=366)]
    for held in producer.licenses:
        if held.updated == today or (held.active and held.expires and held.expires < today):
            # Its dates are those of the day on which it is asked for.
            return tomorrow
        if held.expires is None:
            # Perpetual ones are touched by the state every second year, at the end of some month.
            days.append(next_month(today))
            continue
        days.append(held.expires + timedelta(days=1))
        if not held.active and rate > 0:
            days.append(_missing(producer.npn, held, held.expires, seed=seed).reinstated or today)
    days += [one.renewal for one in producer.appointments if one.renewal]
    if rate > 0 and producer.npn not in BY_NPN:
        for day, _ in _chances(producer.npn, seed=seed, until=days[0], rate=rate):
            if day > today:
                days.append(day)
                break
    return min(day for day in days if day > today)


def _chances(npn: str, *, seed: int, until: date, rate: float) -> Iterator[tuple[date, Happening]]:
    """Yield the chance events of a producer in order, with their days, up to a day."""
    rng = Random(f"life:{seed}:{npn}:{float(rate)}")
    since, days, last = LAST_DAY.toordinal() + 1, 0.0, until.toordinal()
    while True:
        days += rng.expovariate(rate) * _DAYS_IN_YEAR
        if since + int(days) > last:
            return
        yield date.fromordinal(since + int(days)), happenings.drawn(rng)


@dataclass(frozen=True, slots=True)
class _Missing:
    """How likely a renewal is to be missed (0 is surest), and the day on which it would be made up for."""

    place: float
    reinstated: date | None


def _missing(npn: str, held: License, expires: date, *, seed: int) -> _Missing:
    digest = blake2b(f"{seed}:{npn}:{held.state}:{held.number}:{expires}".encode(), digest_size=16).digest()
    place, again = (int.from_bytes(digest[at : at + 4], "big") / 2**32 for at in (0, 4))
    after = 14 + digest[8] % 60
    return _Missing(place, expires + timedelta(days=after) if again < _REINSTATED else None)


def _missed(
    npn: str, held: License, place: int, *, seed: int, today: date, rate: float
) -> Iterator[tuple[date, int, int, Happening]]:
    """Yield what comes of the renewals of a license that nobody saw to."""
    if not held.active or held.expires is None:
        return
    for expires in renewals_between(held.expires, first=happenings.before_first_renewal(held), last=today):
        missing = _missing(npn, held, expires, seed=seed)
        if missing.place >= min(_MISSED_AT_MOST, _MISSED * rate):
            continue
        yield expires + timedelta(days=1), 0, place, happenings.lapsed(place)
        if missing.reinstated is not None and missing.reinstated <= today:
            yield missing.reinstated, 0, place, happenings.reinstated(place)
