"""Filing in tests: a gateway at a sandbox or of the test's own, and drains that judge everything good."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.utils import timezone

from muster.core.sync import RetryPolicy
from muster.core.transactions import Status
from muster.producers.models import Producer
from muster.registry.gateway.client import HttpGateway
from muster.registry.port import Filing, Standing
from muster.registry.transport import Account
from muster.transactions.asking import Asked, ask_due
from muster.transactions.models import Transaction
from muster.transactions.submitting import Filed, file_released
from tests.make import make_organization, make_producer, make_transaction
from tests.sandbox.filings import COCODE, COMPANY, NPN
from tests.sandbox.process import SandboxProcess

PATIENT, IMPATIENT = 20, 0.6
"""Seconds to wait for an answer: so long that a busy machine is not taken for a silent registry, and so short
that no test waits long where the registry is silent on purpose."""


def gateway_at(sandbox: SandboxProcess, **over: Any) -> HttpGateway:
    return HttpGateway(
        Account(
            **{
                "url": sandbox.gateway,
                "user": sandbox.user,
                "password": sandbox.password,
                "concurrency": 8,
                "read_seconds": PATIENT,
                **over,
            }
        )
    )


def filing(**over: Any) -> Filing:
    """An appointment that the sandbox accepts."""
    return Filing(
        **{
            "kind": "appointment",
            "npn": NPN,
            "state": "CA",
            "cocode": COCODE,
            "company_name": COMPANY,
            "fein": "",
            "company_license_id": "",
            "line_code": "",
            "line_name": "Life",
            "license_number": "",
            "class_code": "",
            "effective_on": None,
            "county": "",
            "appointment_type": "",
            **over,
        }
    )


class Good(NamedTuple):
    """A judgment in good standing, unless told otherwise."""

    status: Status = Status.READY
    reason: str = ""
    failures: Sequence[Any] = ()


def judge_good(*, ids: Sequence[int], today: date) -> Mapping[int, Good]:
    """Judge all as they stand."""
    del today
    stand = dict(Transaction.objects.filter(id__in=ids).values_list("id", "status"))
    return {one: Good(Status(stand[one])) for one in ids}


class ScriptedGateway:
    """A gateway that does what the test says; it keeps the keys that came, in their order."""

    def __init__(
        self,
        submit: Callable[[Filing, UUID], Standing] | None = None,
        told: Mapping[UUID, Standing | None] | Exception | None = None,
    ) -> None:
        self.on_submit = submit
        self.told = told
        self.came: list[UUID] = []
        self.filings: list[Filing] = []
        self.asked: list[UUID] = []

    def submit(self, filing: Filing, key: UUID) -> Standing:
        self.came.append(key)
        self.filings.append(filing)
        return self.on_submit(filing, key) if self.on_submit else standing(key)

    def ask(self, key: UUID) -> Standing | None:
        self.asked.append(key)
        return self._of(key)

    def standings(self, keys: Sequence[UUID]) -> Mapping[UUID, Standing | None]:
        self.asked += keys
        return {key: self._of(key) for key in keys}

    def _of(self, key: UUID) -> Standing | None:
        if isinstance(self.told, Exception):
            raise self.told
        if self.told is None:
            return standing(key) if key in self.came else None
        return self.told[key]

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


def standing(key: UUID, status: Status = Status.SUBMITTED, **over: Any) -> Standing:
    return Standing(key, f"SB-{key.hex[:8]}", status, **over)


def released(count: int = 1, *, producer: Producer | None = None, **over: Any) -> list[Transaction]:
    """Transactions that are due to be sent."""
    producer = producer or make_producer(make_organization(), npn=NPN)
    now = timezone.now()
    return [
        make_transaction(
            producer,
            **{"cocode": COCODE, "company_name": COMPANY, "released_at": now, "next_at": now, **over},
        )
        for _ in range(count)
    ]


def file_with(gateway: Any, **over: Any) -> Filed:
    """File all that is due; what surely did not arrive is due again at once, and so is every question."""
    return file_released(
        **{
            "gateway": gateway,
            "judge": judge_good,
            "policy": RetryPolicy(first_wait=0.0, longest_wait=0.0),
            "concurrency": 8,
            "quiet": timedelta(0),
            "random": Random(1),
            "clock": timezone.now,
            **over,
        }
    )


def ask_with(gateway: Any, **over: Any) -> Asked:
    """Ask about all that is due."""
    return ask_due(
        **{
            "gateway": gateway,
            "policy": RetryPolicy(first_wait=0.0, longest_wait=0.0),
            "random": Random(1),
            "clock": timezone.now,
            **over,
        }
    )
