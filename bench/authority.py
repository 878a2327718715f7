"""The benchmark `authority`: may a producer sell? Asked of the site as it is served, beside a bare answer."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from bench.figures import p95
from bench.ground import clear, freshen, no_history, prepare
from bench.served import PATIENCE, served
from muster.config.errors import CannotDoIt

Tell = Callable[[str], None]

STATEMENTS = Path(__file__).with_suffix(".sql")
FIRST_NPN = 3_000_001
WARM = 100
BARE = "healthz"


def measure(home: Path, *, rows: int, turns: int, tell: Tell, sample: int = 2_000) -> dict[str, Any]:
    """Ask `sample` times at `rows` producers, `turns` times; `seconds` is the 95th percentile.

    The server is `muster web` with what it takes by default, asked one question after the other over HTTP on
    loopback; each answer is kept before it is given. The yardstick, taken in alternation, is the same
    server's /healthz, which asks the database for nothing.
    """
    prepare(home)
    clear(home)
    with no_history(home):
        secret, cocode = _fill(rows)
    freshen(home)
    tell(f"{rows:,} producers are there")
    taken: dict[str, list[float]] = {"muster": [], BARE: []}
    reasons: Counter[str] = Counter()
    drawing = random.Random(2026)
    with served(home) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        for turn in range(1, turns + 1):
            for number in range(-WARM, sample):
                npn = str(FIRST_NPN + drawing.randrange(rows))
                ours, answer = _timed(client, _question(npn, cocode), secret)
                bare, _ = _timed(client, "/healthz", secret)
                if number >= 0:
                    taken["muster"].append(ours)
                    taken[BARE].append(bare)
                    reasons[answer.json()["reason"]] += 1
            tell(f"turn {turn} of {turns}: {p95(taken['muster']) * 1000:.1f} ms")
    told = {
        f"{name}, {what}": round(figure(seconds), 5)
        for name, seconds in taken.items()
        for what, figure in (("median", median), ("95th percentile", p95), ("longest", max))
    }
    ours, bare = p95(taken["muster"]), p95(taken[BARE])
    return {
        "bench": "authority",
        "rows": rows,
        "seconds": round(ours, 5),
        "yardsticks": {BARE: round(bare, 5)},
        "ratios": {BARE: round(ours / bare, 3)},
        "steps": told,
        "reasons": dict(reasons),
        "peak_rss_mb": {},
        "turns": turns,
    }


def _question(npn: str, cocode: str) -> str:
    return f"/api/v1/authority?npn={npn}&state=CA&cocode={cocode}&line=Life"


def _timed(client: httpx.Client, path: str, secret: str) -> tuple[float, httpx.Response]:
    began = time.perf_counter()
    answer = client.get(path, headers={"Authorization": f"Bearer {secret}"})
    seconds = time.perf_counter() - began
    if answer.status_code != 200:
        raise CannotDoIt(f"{path.partition('?')[0]} answered {answer.status_code}.")
    return seconds, answer


def _fill(rows: int) -> tuple[str, str]:
    """Put the producers there, a company that appoints just in time, and a token; return token and CoCode."""
    from django.db import connection
    from django.utils import timezone

    from muster.access.models import ApiToken, Membership
    from muster.access.tokens import make_token
    from muster.carriers.models import BusinessRule, Company, CompanyState

    member = Membership.objects.select_related("user").get(organization__slug="bench")
    company = Company.objects.filter(organization=member.organization_id).order_by("cocode")[0]
    Company.objects.filter(pk=company.pk).update(categories=["life", "health"])
    CompanyState.objects.update_or_create(
        organization_id=member.organization_id, company=company, state="CA", defaults={"just_in_time": True}
    )
    BusinessRule.objects.get_or_create(
        organization_id=member.organization_id,
        state="CA",
        line_code="9101",
        line_name="Life",
        defaults={"categories": ["life"]},
    )
    with connection.cursor() as cursor:
        for statement in filter(str.strip, STATEMENTS.read_text("utf-8").split(";\n")):
            cursor.execute(
                statement,
                {"organization": member.organization_id, "cocode": company.cocode, "rows": rows},
            )
    ApiToken.objects.filter(membership=member, revoked_at=None).update(revoked_at=timezone.now())
    _, secret = make_token(by=member, acts_as=member, name="bench", expires_at=None)
    return secret, company.cocode
