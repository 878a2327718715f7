"""The benchmark `portal`: producers on their pages, all at once, reading between two clicks."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import httpx

from bench.figures import p95
from bench.ground import clear, freshen, no_history, prepare
from bench.served import PATIENCE, served
from muster.config.errors import CannotDoIt

Tell = Callable[[str], None]

FIRST_NPN = 3_000_001
LICENSES, LINES, APPOINTMENTS, ASSIGNED = 12, 3, 20, 5
PAGES = ("", "licenses/", "appointments/", "profile/")
BARE = "healthz"
THINKS = 10.0
"""Seconds between two clicks of one person, on average: between half and one and a half of it."""


def measure(home: Path, *, rows: int, turns: int, tell: Tell, thinks: float = THINKS) -> dict[str, Any]:
    """Have `rows` producers, each logged in, go through their pages `turns` times, all at once.

    `seconds` is the 95th percentile of all pages, from the click to the last byte. Each begins on one of the
    four, and the loop is closed: who waits for a page clicks no other. The yardstick is the same server's
    /healthz, asked once a second.
    """
    prepare(home)
    clear(home)
    with no_history(home):
        sessions = _fill(rows)
    freshen(home)
    tell(f"{rows:,} producers are there, each with {LICENSES} licenses and {APPOINTMENTS} appointments")
    with served(home) as url:
        taken, lasted = asyncio.run(_visit(url, sessions, turns, thinks))
    bare = taken.pop(BARE)
    everything = [seconds for of_page in taken.values() for seconds in of_page]
    steps = {
        f"{name}, {what}": round(figure(seconds), 4)
        for name, seconds in [*taken.items(), (BARE, bare)]
        for what, figure in (("median", median), ("95th percentile", p95), ("longest", max))
    }
    ours, theirs = p95(everything), p95(bare)
    tell(f"{len(everything) / lasted:.0f} pages a second for {lasted:.0f} s")
    return {
        "bench": "portal",
        "rows": rows,
        "seconds": round(ours, 4),
        "yardsticks": {BARE: round(theirs, 4)},
        "ratios": {BARE: round(ours / theirs, 3)},
        "steps": steps,
        "pages_a_second": round(len(everything) / lasted, 1),
        "pages": len(everything),
        "peak_rss_mb": {},
        "turns": turns,
    }


async def _visit(
    url: str, sessions: list[str], turns: int, thinks: float
) -> tuple[dict[str, list[float]], float]:
    taken: dict[str, list[float]] = defaultdict(list)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=len(sessions), keepalive_expiry=2)
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE, limits=limits) as client:
        for session in sessions[:8]:
            # The first page of a process reads templates and shapes.
            await _page(client, session, "")
        began = time.perf_counter()
        asking = asyncio.create_task(_ask_bare(client, taken))
        await asyncio.gather(
            *(
                _producer(client, session, turns, thinks, taken, random.Random(number))
                for number, session in enumerate(sessions)
            )
        )
        lasted = time.perf_counter() - began
        asking.cancel()
    return taken, lasted


async def _producer(
    client: httpx.AsyncClient,
    session: str,
    turns: int,
    thinks: float,
    taken: dict[str, list[float]],
    drawing: random.Random,
) -> None:
    # At one moment people are on different pages.
    first = drawing.randrange(len(PAGES))
    await asyncio.sleep(drawing.uniform(0, thinks))
    for _ in range(turns):
        for page in (*PAGES[first:], *PAGES[:first]):
            taken[f"/portal/{page}"].append(await _page(client, session, page))
            await asyncio.sleep(drawing.uniform(thinks / 2, thinks * 1.5))


async def _page(client: httpx.AsyncClient, session: str, page: str) -> float:
    began = time.perf_counter()
    answer = await client.get(f"/portal/{page}", headers={"Cookie": f"sessionid={session}"})
    seconds = time.perf_counter() - began
    if answer.status_code != 200:
        raise CannotDoIt(f"/portal/{page} answered {answer.status_code}.")
    return seconds


async def _ask_bare(client: httpx.AsyncClient, taken: dict[str, list[float]]) -> None:
    while True:
        began = time.perf_counter()
        await client.get("/healthz")
        taken[BARE].append(time.perf_counter() - began)
        await asyncio.sleep(1)


def _fill(rows: int) -> list[str]:
    """Put the producers there with all that they have, and log each in; return the keys of the sessions."""
    from django.utils import timezone

    from muster.access.models import Membership, Organization, User
    from muster.access.permissions import Role
    from muster.portals.models import Portal, PortalUser
    from muster.producers.models import Producer

    organization = Organization.objects.get(slug="bench")
    emails = [f"producer{number}@bench.example" for number in range(rows)]
    User.objects.bulk_create([User(email=email, password="!") for email in emails], ignore_conflicts=True)  # noqa: S106
    users = list(User.objects.filter(email__in=emails).order_by("id"))
    Membership.objects.bulk_create(
        [Membership(organization=organization, user=user, role=Role.PRODUCER.value) for user in users],
        ignore_conflicts=True,
    )
    now = timezone.now()
    producers = Producer.objects.bulk_create(
        [
            Producer(
                organization=organization,
                npn=str(FIRST_NPN + number),
                first_name="Ada",
                last_name=f"Alder {number}",
                synced_at=now,
                sync_status="success",
            )
            for number in range(rows)
        ]
    )
    portal, _ = Portal.objects.get_or_create(
        organization=organization, name="Bench", defaults={"seats": 1_000_000}
    )
    PortalUser.objects.bulk_create(
        [
            PortalUser(
                organization=organization,
                portal=portal,
                producer=producer,
                user=user,
                email=user.email,
                invited_at=now,
                expires_at=now,
                registered_at=now,
            )
            for producer, user in zip(producers, users, strict=True)
        ]
    )
    _fill_licenses(producers)
    return [_logged_in(user) for user in users]


def _fill_licenses(producers: list[Any]) -> None:
    from django.utils import timezone

    from muster.appointments.models import Appointment
    from muster.assignments.models import Assignment
    from muster.core.words import states
    from muster.licenses.models import License, LineOfAuthority

    today, codes = timezone.localdate(), [*states()]
    licenses = License.objects.bulk_create(
        [
            License(
                organization_id=one.organization_id,
                producer=one,
                state=state,
                number=f"{one.npn}{state}",
                class_name="Insurance Producer",
                residency="NR" if place else "R",
                is_active=place != LICENSES - 1,
                expires_on=today + timedelta(days=40 * (place + 1)),
            )
            for one in producers
            for place, state in enumerate(codes[:LICENSES])
        ]
    )
    LineOfAuthority.objects.bulk_create(
        [
            LineOfAuthority(
                organization_id=license.organization_id,
                license=license,
                code=name,
                name=name,
                status="Active",
            )
            for license in licenses
            for name in ("Life", "Health", "Property")[:LINES]
        ],
        batch_size=5000,
    )
    Appointment.objects.bulk_create(
        [
            Appointment(
                organization_id=one.organization_id,
                producer=one,
                state=codes[number % LICENSES],
                cocode=str(90101 + number),
                company_name=f"Company {number}",
                line_name="Life",
                line_code="Life",
                status="Appointed",
            )
            for one in producers
            for number in range(APPOINTMENTS)
        ],
        batch_size=5000,
    )
    Assignment.objects.bulk_create(
        Assignment(
            organization_id=one.organization_id,
            producer=one,
            identity=uuid4(),
            categories=["life", "health"],
            states=codes[LICENSES - ASSIGNED : LICENSES + ASSIGNED],
            scorecard_type="license",
            agent_type="producer",
        )
        for one in producers
    )


def _logged_in(user: Any) -> str:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    key: str = session.session_key
    return key
