"""The client: what it sends, and what each way of failing means."""

from __future__ import annotations

import gzip
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from muster.registry.adapter import open_registry
from muster.registry.nipr import client as client_module
from muster.registry.nipr.client import Account, NiprRegistry
from muster.registry.port import (
    BrokenAnswer,
    NotFound,
    OtherLastName,
    RegistryError,
    Rejected,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from muster.registry.transport import LONGEST_RETRY_AFTER
from tests.cli.process import free_port
from tests.registry.running import account_at
from tests.sandbox.process import SandboxProcess

ANSWERS = Path(__file__).parent / "answers"
REPORT = (ANSWERS / "individual.xml").read_bytes()


class Server(socketserver.ThreadingTCPServer):
    """Answers every request with the same bytes, then closes, keeps quiet, or says it again without end."""

    daemon_threads = True

    def __init__(
        self, answer: bytes, *, drip: float = 0.0, hold: bool = False, endless: bool = False
    ) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.drip = drip
        self.hold = hold
        self.endless = endless
        self.requests: list[bytes] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/pdb-xml-reports"


class Handler(socketserver.BaseRequestHandler):
    server: Server
    request: socket.socket

    def handle(self) -> None:
        asked = b""
        while b"id_entity=" not in asked and b"name_last=" not in asked:
            part = self.request.recv(65536)
            if not part:
                return
            asked += part
        self.server.requests.append(asked)
        if self.server.drip:
            for sign in self.server.answer:
                self.request.sendall(bytes([sign]))
                if self.server.over.wait(self.server.drip):
                    return
        self.request.sendall(self.server.answer)
        while self.server.endless and not self.server.over.is_set():
            try:
                self.request.sendall(self.server.answer)
            except OSError:
                return
        if self.server.hold:
            self.server.over.wait(30)


@contextmanager
def serving(answer: bytes, **how: Any) -> Iterator[Server]:
    with Server(answer, **how) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def http(status: str = "200 OK", body: bytes = REPORT, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def registry_at(url: str, **over: Any) -> NiprRegistry:
    return NiprRegistry(
        Account(
            **{
                "url": url,
                "user": "us",
                "password": "hush",
                "connect_seconds": 0.5,
                "read_seconds": 0.5,
                **over,
            }
        )
    )


def test_the_producer_is_named_in_the_form_and_nowhere_else() -> None:
    with serving(http()) as server, registry_at(server.url) as registry:
        assert registry.fetch_report("4711", "individual").last_name == "O'Hara-Núñez"
        [asked] = server.requests
    head, _, form = asked.partition(b"\r\n\r\n")
    assert form == b"report_type=1&id_entity=4711"
    assert b"4711" not in head
    assert head.startswith(b"POST /pdb-xml-reports/entityinfo_xml.cgi HTTP/1.1")
    assert b"Authorization: Basic dXM6aHVzaA==" in head
    assert b"Accept-Encoding: identity" in head


def test_an_account_does_not_show_its_password() -> None:
    assert "hush" not in repr(Account(url="http://here", user="us", password="hush"))


FAILURES: dict[str, tuple[bytes, type[RegistryError], str]] = {
    "a refused password": (http("401 Unauthorized", b""), Unauthorized, "it answered HTTP 401"),
    "no right to this service": (http("403 Forbidden", b""), Unauthorized, "it answered HTTP 403"),
    "too many calls": (http("429 Too Many Requests", b""), Throttled, "it answered HTTP 429"),
    "closed for a while": (
        http("503 Service Unavailable", b"", Retry_After="3"),
        Throttled,
        "it answered HTTP 503",
    ),
    "a request that took too long": (http("408 Request Timeout", b""), TimedOut, "it answered HTTP 408"),
    "a gateway that gave up": (http("504 Gateway Timeout", b""), TimedOut, "it answered HTTP 504"),
    "a fault": (http("500 Internal Server Error", b""), Unavailable, "it answered HTTP 500"),
    "out of order": (http("503 Service Unavailable", b""), Unavailable, "it answered HTTP 503"),
    "a wrong address": (http("404 Not Found", b""), Rejected, "HTTP 404. Check MUSTER_REGISTRY_URL."),
    "a redirect, which is not followed": (
        http("302 Found", b"", Location="http://127.0.0.1:1/elsewhere"),
        Rejected,
        "HTTP 302. Check MUSTER_REGISTRY_URL.",
    ),
    "a sign-in page": (
        http(body=b"<html><body>Sign in</body></html>"),
        BrokenAnswer,
        "its root is html, not PDB",
    ),
    "an error in XML": (
        http(body=(ANSWERS / "error.xml").read_bytes()),
        Rejected,
        "The service is closed for maintenance.",
    ),
    "nobody": (http(body=(ANSWERS / "not_found.xml").read_bytes()), NotFound, "Entity not found."),
    "somebody else": (
        http(body=(ANSWERS / "repeated.xml").read_bytes()),
        BrokenAnswer,
        "it is about another NPN than the one asked for",
    ),
    "a compressed answer, which nobody asked for": (
        http(body=gzip.compress(REPORT), Content_Encoding="gzip"),
        BrokenAnswer,
        "it is compressed, which we did not ask for",
    ),
    "something that is no HTTP": (
        b"hello\r\n\r\n",
        Unavailable,
        "the connection failed (RemoteProtocolError)",
    ),
    "an answer that stops in the middle": (
        http()[:-100],
        Unavailable,
        "the connection failed (RemoteProtocolError)",
    ),
    "no answer at all": (b"", Unavailable, "the connection failed (RemoteProtocolError)"),
}


@pytest.mark.parametrize(("answer", "error", "words"), FAILURES.values(), ids=FAILURES)
def test_each_failure_is_an_error_of_its_kind(answer: bytes, error: type[RegistryError], words: str) -> None:
    with (
        serving(answer) as server,
        registry_at(server.url) as registry,
        pytest.raises(RegistryError) as caught,
    ):
        registry.fetch_report("4711", "individual")
    assert (type(caught.value), str(caught.value)) == (error, words)


RETRY_AFTER = [
    ("7", 7.0),
    ("0", 0.0),
    ("soon", None),
    ("-5", None),
    ("in two hours", 7200.0),
    ("99999999999999999999", LONGEST_RETRY_AFTER),
    ("9" * 400, LONGEST_RETRY_AFTER),
    ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
    ("Fri, 31 Dec 99999999999999999999 23:59:59 GMT", None),
    ("nan", None),
    ("inf", None),
]


@pytest.mark.parametrize(("header", "seconds"), RETRY_AFTER)
def test_the_time_to_come_back_is_read_as_seconds_or_as_a_date(header: str, seconds: float | None) -> None:
    if header == "in two hours":
        header = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    answer = http("429 Too Many Requests", b"", Retry_After=header)
    with serving(answer) as server, registry_at(server.url) as registry, pytest.raises(Throttled) as caught:
        registry.fetch_report("4711", "individual")
    assert caught.value.retry_after == (None if seconds is None else pytest.approx(seconds, abs=120))


def test_a_server_that_keeps_quiet_is_a_timeout() -> None:
    with (
        serving(http()[:200], hold=True) as server,
        registry_at(server.url) as registry,
        pytest.raises(TimedOut),
    ):
        registry.fetch_report("4711", "individual")


TRICKLES = {
    "the answer": http(),
    "headers without end": b"HTTP/1.1 200 OK\r\n" + b"X-Wait: one moment\r\n" * 2_000,
    "promises to go on": b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000,
}


@pytest.mark.parametrize("answer", TRICKLES.values(), ids=TRICKLES)
def test_a_server_that_trickles_is_a_timeout(answer: bytes) -> None:
    with (
        serving(answer, drip=0.05) as server,
        registry_at(server.url) as registry,
        pytest.raises(TimedOut),
    ):
        registry.fetch_report("4711", "individual")


def test_a_server_that_promises_to_go_on_without_a_pause_is_a_timeout() -> None:
    with (
        serving(b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000, endless=True) as server,
        registry_at(server.url) as registry,
        pytest.raises(TimedOut),
    ):
        registry.fetch_report("4711", "individual")


def test_nobody_listening_is_unavailable() -> None:
    with registry_at(f"http://127.0.0.1:{free_port()}") as registry, pytest.raises(Unavailable) as caught:
        registry.fetch_report("4711", "individual")
    assert str(caught.value) == "the connection failed (ConnectError)"


def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "LARGEST_ANSWER", 1024 * 1024)
    endless = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n" + b"<PDB>" * 1024 * 1024
    with (
        serving(endless) as server,
        registry_at(server.url, read_seconds=5) as registry,
        pytest.raises(BrokenAnswer) as caught,
    ):
        registry.fetch_report("4711", "individual")
    assert str(caught.value) == "it is larger than 1 MiB"


def test_a_firm_is_found_though_asked_for_as_a_person(registry: NiprRegistry) -> None:
    report = registry.fetch_report("8000001", "individual")
    assert (report.kind, report.npn) == ("firm", "8000001")
    assert report.last_name


def test_a_person_is_found_by_ssn_and_name(registry: NiprRegistry) -> None:
    report = registry.fetch_report("1000001", "individual")
    [hit] = registry.find(ssn=report.ssn, last_name=report.last_name, first_name=report.first_name)
    assert (hit.npn, hit.born_on) == ("1000001", report.born_on)
    with pytest.raises(OtherLastName) as caught:
        registry.find(ssn=report.ssn, last_name="Nobody")
    assert report.last_name not in str(caught.value)
    assert registry.find(ssn="899999999", last_name="Nobody") == []


def test_persons_are_found_by_license_number_in_a_state_or_in_any(registry: NiprRegistry) -> None:
    def npns(number: str, state: str = "") -> list[str]:
        return [hit.npn for hit in registry.find_by_license(number=number, state=state)]

    assert npns("77001234", "TX") == ["9000021", "9000022"]
    assert npns("77005678", "CA") == ["9000021"]
    assert npns("77005678", "TX") == []
    assert sorted(npns("77005678")) == ["9000021", "9000022"]
    assert npns("no number", "TX") == []


def test_a_wrong_password_is_refused_by_the_sandbox_too(sandbox: SandboxProcess) -> None:
    with NiprRegistry(account_at(sandbox, password="wrong")) as registry, pytest.raises(Unauthorized):
        registry.fetch_report("1000001", "individual")


def test_one_client_serves_many_threads_over_as_many_connections(
    registry: NiprRegistry, sandbox: SandboxProcess
) -> None:
    sandbox.control("faults", {"latency_ms": 20})
    found: list[str] = []

    def fetch(first: int) -> None:
        for npn in range(first, first + 5):
            found.append(registry.fetch_report(str(npn), "individual").npn)

    threads = [threading.Thread(target=fetch, args=(1_000_001 + 5 * number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [str(1_000_001 + number) for number in range(40)]


def test_the_settings_choose_the_registry() -> None:
    with open_registry() as registry:
        assert isinstance(registry, NiprRegistry)
