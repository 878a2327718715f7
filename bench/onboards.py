"""The benchmark `onboard`: a file of producers onboarded with payment, beside what waiting would take."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from bench.ground import clear, prepare
from bench.syncs import BOUND, FIRST_NPN, OURS, sandbox
from bench.turn import Clock, Turn, take
from muster.config.errors import CannotDoIt

Tell = Callable[[str], None]

HEADER = "Last Name,NPN,Email,SSN,Gender\n"


def measure(
    home: Path, *, rows: int, turns: int, tell: Tell, concurrency: int = 16, latency_ms: float = 50
) -> dict[str, Any]:
    """Onboard a file of `rows` producers `turns` times, from the file to the end of the onboarding.

    Yardstick: the time in which so many calls at once can wait for all answers of the registry.
    """
    prepare(home)
    file = write_producers(home / f"producers-{rows}.csv", rows)
    taken: dict[str, list[Turn]] = defaultdict(list)
    with sandbox(latency_ms) as url:
        os.environ["MUSTER_REGISTRY_URL"] = f"{url}/pdb-xml-reports"
        os.environ["MUSTER_REGISTRY_CONCURRENCY"] = str(concurrency)
        for number in range(1, turns + 1):
            clear(home)
            turn = take("onboards.onboard", file=str(file), rows=rows)
            taken[OURS].append(turn)
            tell(f"turn {number} of {turns}: {turn.seconds:.2f} s")
    ours = round(median(turn.seconds for turn in taken[OURS]), 2)
    bound = round(rows * latency_ms / 1000 / concurrency, 2)
    steps = taken[OURS][0].steps
    return {
        "bench": "onboard",
        "rows": rows,
        "seconds": ours,
        "steps": {name: round(median(turn.steps[name] for turn in taken[OURS]), 2) for name in steps},
        "yardsticks": {BOUND: bound},
        "ratios": {BOUND: round(ours / bound, 3)},
        "reached": {OURS: round(bound / ours, 3)},
        "cpu_seconds": {OURS: round(median(turn.cpu for turn in taken[OURS]), 2)},
        "peak_rss_mb": {OURS: max(turn.process_mb for turn in taken[OURS])},
        "concurrency": concurrency,
        "latency_ms": latency_ms,
        "turns": turns,
    }


def write_producers(path: Path, rows: int) -> Path:
    """Write a file of people as the sandbox registry has them."""
    from muster_sandbox.population import producer

    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        written, npn, today = 0, FIRST_NPN, datetime.now(UTC).date()
        while written < rows:
            who = producer(str(npn), today=today)
            if who is not None and who.ssn:
                file.write(f'"{who.last_name}",{npn},p{npn}@bench.example,{who.ssn},female\n')
                written += 1
            npn += 1
    return path


def onboard(clock: Clock, *, file: str, rows: int) -> None:
    """Onboard the file as the page and the workers do, one step after the other."""
    from django.utils import timezone

    from muster.access.models import Membership
    from muster.bulk.operations import GOES_ON, start_upload
    from muster.bulk.runner import run
    from muster.imports.producer import ProducerUpload
    from muster.onboarding.many import Payment, start_onboarding
    from muster.onboarding.tasks import retrieve_now
    from muster.producers.models import Producer

    member = Membership.objects.get(user__email="bench@bench.example")
    with clock.step("check"), open(file, "rb") as content:
        upload = start_upload(
            operation_id=uuid4(),
            member=member,
            kind=ProducerUpload(),
            source_name="producers.csv",
            content=iter(lambda: content.read(65536), b""),
            now=timezone.now(),
            params={GOES_ON: True},
            defer=False,
        )
        run(upload.pk)
    with clock.step("retrieve"):
        retrieve_now()
    with clock.step("onboard"):
        begun = start_onboarding(
            by=member,
            upload=upload,
            operation_id=uuid4(),
            payment=Payment("agency", "producer", True),
            now=timezone.now(),
            defer=False,
        )
        run(begun.pk)
    if Producer.objects.count() != rows:
        raise CannotDoIt(f"{Producer.objects.count()} of {rows} producers were onboarded.")
