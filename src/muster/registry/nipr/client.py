"""The client of NIPR's report services: a form is posted, one XML document comes back.

Producers are named in the form, never in the address, so that no log of addresses holds an NPN or SSN.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx
from django.conf import settings

from muster.core.report import Hit, Kind, ProducerReport
from muster.registry.nipr.report import parse_hit_list, parse_report
from muster.registry.port import (
    BrokenAnswer,
    NotFound,
    Rejected,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
)

ENTITY_INFO = "entityinfo_xml.cgi"
HIT_LIST = "hitlist_xml.cgi"
REPORT_TYPES: dict[Kind, str] = {"individual": "1", "firm": "0"}

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes. A producer licensed everywhere needs a few hundred kilobytes."""

# Shorter than servers commonly keep an idle connection, so that none is used just as it is being closed.
SECONDS_A_CONNECTION_IDLES = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where the service is, who we are there, how many calls may run at once, and how long one may take."""

    url: str
    user: str
    password: str
    concurrency: int = 16
    connect_seconds: float = 5.0
    read_seconds: float = 20.0

    def __repr__(self) -> str:
        return f"<Account at {self.url}>"


class NiprRegistry:
    """NIPR's Producer Database, or anything that speaks like it. See `muster.registry.port.Registry`."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.http = httpx.Client(
            base_url=account.url.rstrip("/") + "/",
            auth=httpx.BasicAuth(account.user, account.password),
            # A compressed answer could unpack to far more than we are ready to read.
            headers={"Accept": "application/xml, text/xml", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(account.read_seconds, connect=account.connect_seconds),
            limits=httpx.Limits(
                max_connections=account.concurrency,
                max_keepalive_connections=account.concurrency,
                keepalive_expiry=SECONDS_A_CONNECTION_IDLES,
            ),
            follow_redirects=False,
            trust_env=False,
        )

    def fetch_report(self, npn: str, kind: Kind) -> ProducerReport:
        """Fetch the full report of one producer, whichever kind it is; `kind` is asked for first.

        Raises RegistryError.
        """
        form = {"report_type": REPORT_TYPES[kind], "id_entity": npn}
        try:
            report = parse_report(self._post(ENTITY_INFO, form))
        except NotFound:
            # An NPN does not show whether it is a person's or a firm's, and a report is of one type.
            form["report_type"] = REPORT_TYPES["firm" if kind == "individual" else "individual"]
            report = parse_report(self._post(ENTITY_INFO, form))
        if report.npn not in ("", npn):
            raise BrokenAnswer("it is about another NPN than the one asked for")
        return report._replace(npn=npn)

    def find(self, *, ssn: str, last_name: str, first_name: str = "") -> list[Hit]:
        """Find persons by SSN and name; nobody found is an empty list. Raises RegistryError."""
        form = {"report_type": "1", "ssn": ssn, "name_last": last_name, "name_first": first_name}
        try:
            return parse_hit_list(self._post(HIT_LIST, form))
        except NotFound:
            return []

    def close(self) -> None:
        """Give back the connections."""
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _post(self, script: str, form: dict[str, str]) -> bytes:
        must_end_at = time.monotonic() + self.account.connect_seconds + self.account.read_seconds
        try:
            with self.http.stream("POST", script, data=form) as response:
                _refuse(response)
                return _read(response, must_end_at)
        except httpx.TimeoutException:
            raise TimedOut from None
        except httpx.TransportError as error:
            raise Unavailable(f"the connection failed ({type(error).__name__})") from None


def from_settings() -> NiprRegistry:
    """The registry that the settings name."""
    given = settings.MUSTER_REGISTRY
    return NiprRegistry(
        Account(**{name: given[name] for name in Account.__dataclass_fields__ if name in given})
    )


def _refuse(response: httpx.Response) -> None:
    """Raise what an HTTP status other than 200 means."""
    status = response.status_code
    words = f"it answered HTTP {status}"
    if status == httpx.codes.OK:
        return
    if status in (401, 403):
        raise Unauthorized(words)
    if status == 429 or (status == 503 and "Retry-After" in response.headers):
        raise Throttled(words, retry_after=_seconds(response.headers.get("Retry-After", "")))
    if status in (408, 504):
        raise TimedOut(words)
    if status >= 500:
        raise Unavailable(words)
    raise Rejected(f"HTTP {status}. Check MUSTER_REGISTRY_URL.")


def _seconds(retry_after: str) -> float | None:
    """Read a Retry-After header: seconds, or a date."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _read(response: httpx.Response, must_end_at: float) -> bytes:
    """Read the answer within its limits of size and time: a server may also trickle for ever."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise BrokenAnswer("it is compressed, which we did not ask for")
    parts: list[bytes] = []
    size = 0
    for part in response.iter_raw():
        size += len(part)
        if size > LARGEST_ANSWER:
            raise BrokenAnswer(f"it is larger than {LARGEST_ANSWER // 1024 // 1024} MiB")
        if time.monotonic() > must_end_at:
            raise TimedOut
        parts.append(part)
    return b"".join(parts)
