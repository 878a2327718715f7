"""The client of the gateway: what it sends, and what each way of failing says of whether a filing arrived."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from muster.core.gateway import Arrival
from muster.core.transactions import Status
from muster.registry.adapter import open_gateway
from muster.registry.gateway.client import LONGEST_TEXT, HttpGateway
from muster.registry.port import (
    BrokenAnswer,
    Conflict,
    Malformed,
    RegistryError,
    Rejected,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from muster.registry.transport import Account
from tests.cli.process import free_port
from tests.sandbox.filings import NPN
from tests.sandbox.process import SandboxProcess
from tests.transactions.filing import IMPATIENT, PATIENT, filing, gateway_at

KEY = UUID("123e4567-e89b-42d3-a456-426614174000")
OTHER = UUID("00000000-0000-4000-8000-000000000001")
NO, UNKNOWN, REFUSED = Arrival.SURELY_NOT, Arrival.UNKNOWN, Arrival.REFUSED


def test_what_is_filed_is_told_as_it_stands(gateway: HttpGateway) -> None:
    key = uuid4()
    filed = gateway.submit(filing(effective_on=date(2026, 12, 1)), key)
    assert filed.key == key
    assert filed.registry_id.startswith("SB-")
    assert filed.status is Status.ACCEPTED
    assert filed.effective_on == date(2026, 12, 1)
    assert filed.received_at is not None
    assert filed.registry_fee is not None
    assert gateway.submit(filing(effective_on=date(2026, 12, 1)), key) == filed
    assert gateway.ask(key) == filed


def test_a_rejection_has_the_words_of_the_registry(gateway: HttpGateway) -> None:
    told = gateway.submit(filing(line_name="Falconry"), uuid4())
    assert (told.status, told.code) == (Status.REJECTED, "210")
    assert "Falconry" in told.words
    assert told.decided_at is not None


def test_many_are_asked_about_at_once(gateway: HttpGateway) -> None:
    one, other, never = uuid4(), uuid4(), uuid4()
    gateway.submit(filing(), one)
    gateway.submit(filing(state="TX"), other)
    told = gateway.standings([never, other, one])
    assert told[never] is None
    assert told == {never: None, one: gateway.ask(one), other: gateway.ask(other)}
    assert gateway.ask(never) is None
    assert gateway.standings([]) == {}


def test_other_content_under_a_key_is_a_conflict(gateway: HttpGateway) -> None:
    key = uuid4()
    gateway.submit(filing(), key)
    with pytest.raises(Conflict) as refused:
        gateway.submit(filing(state="TX"), key)
    assert refused.value.arrival is UNKNOWN


def test_what_cannot_be_filed_as_it_is_is_refused_for_good(gateway: HttpGateway) -> None:
    key = uuid4()
    with pytest.raises(Malformed) as refused:
        gateway.submit(filing(npn="no number"), key)
    assert "npn" in refused.value.words
    assert refused.value.arrival is REFUSED
    assert gateway.ask(key) is None


FAULTS = [
    ("throttle", Throttled, NO, False),
    ("unavailable", Unavailable, NO, False),
    ("lost", Unavailable, UNKNOWN, False),
    ("http_500_before", Unavailable, UNKNOWN, False),
    ("dropped", Unavailable, UNKNOWN, True),
    ("held", TimedOut, UNKNOWN, True),
    ("broken", BrokenAnswer, UNKNOWN, True),
    ("http_500", Unavailable, UNKNOWN, True),
]


@pytest.mark.parametrize(("fault", "error", "arrival", "filed"), FAULTS)
def test_each_fault_says_whether_it_may_have_arrived(
    sandbox: SandboxProcess,
    fault: str,
    error: type[RegistryError],
    arrival: Arrival,
    filed: bool,
) -> None:
    sandbox.control(f"gateway/npn/{NPN}", {"behavior": fault})
    key = uuid4()
    seconds = IMPATIENT if fault == "held" else PATIENT
    with gateway_at(sandbox, read_seconds=seconds) as gateway:
        with pytest.raises(RegistryError) as failed:
            gateway.submit(filing(), key)
        assert type(failed.value) is error
        assert failed.value.arrival is arrival
    with gateway_at(sandbox) as gateway:
        assert (gateway.ask(key) is not None) is filed


def test_the_time_to_come_back_is_told(gateway: HttpGateway, sandbox: SandboxProcess) -> None:
    sandbox.control(f"gateway/npn/{NPN}", {"behavior": "throttle"})
    with pytest.raises(Throttled) as failed:
        gateway.submit(filing(), uuid4())
    assert failed.value.retry_after == 1


def test_a_refused_password_files_nothing(gateway: HttpGateway, sandbox: SandboxProcess) -> None:
    key = uuid4()
    with gateway_at(sandbox, password="wrong") as stranger, pytest.raises(Unauthorized) as failed:
        stranger.submit(filing(), key)
    assert failed.value.arrival is NO
    assert gateway.ask(key) is None


# --- connections -----------------------------------------------------------------------------------


def gateway_on(port: int, **over: Any) -> HttpGateway:
    return HttpGateway(
        Account(
            **{
                "url": f"http://127.0.0.1:{port}/gateway/v1",
                "user": "tester",
                "password": "invented",
                "connect_seconds": 0.5,
                "read_seconds": 0.3,
                **over,
            }
        )
    )


def test_where_nobody_listens_surely_nothing_arrived() -> None:
    with gateway_on(free_port()) as gateway, pytest.raises(Unavailable) as failed:
        gateway.submit(filing(), KEY)
    assert failed.value.arrival is NO


def test_where_no_connection_comes_about_surely_nothing_arrived() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        port = busy.getsockname()[1]
        # What waits to be accepted fills up, and whoever comes then gets no answer at all.
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        try:
            with gateway_on(port) as gateway, pytest.raises(TimedOut) as failed:
                gateway.submit(filing(), KEY)
        finally:
            for one in waiting:
                one.close()
    assert failed.value.arrival is NO


class Server(socketserver.ThreadingTCPServer):
    """Answers each request with the next of some bytes; without one it closes, or keeps quiet."""

    daemon_threads = True

    def __init__(self, answers: list[bytes] | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.came = threading.Event()
        self.over = threading.Event()
        self.requests: list[bytes] = []


class Handler(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        while request := read_request(self.request):
            self.server.requests.append(request)
            self.server.came.set()
            if self.server.answers is None:
                self.server.over.wait()
                return
            if not self.server.answers:
                return
            self.request.sendall(self.server.answers.pop(0))


def read_request(connection: socket.socket) -> bytes:
    """A request with its body, empty where the connection is closed."""
    got = b""
    while b"\r\n\r\n" not in got:
        part = connection.recv(65536)
        if not part:
            return b""
        got += part
    head, _, body = got.partition(b"\r\n\r\n")
    lengths = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    while lengths and len(body) < lengths[0]:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def answering(answers: list[bytes] | None) -> Iterator[tuple[int, Server]]:
    with Server(answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1], server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def http(status: int, body: object, **headers: str) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}
    lines = [
        f"HTTP/1.1 {status} Said",
        *(f"{name.replace('_', '-')}: {value}" for name, value in told.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content


def status_object(**over: Any) -> dict[str, Any]:
    return {
        "key": str(KEY),
        "id": "SB-00000001",
        "status": "submitted",
        "code": "",
        "words": "",
        "effective_on": None,
        "received_at": "2026-03-15T14:05:09.120+00:00",
        "decided_at": None,
        "fees": {"state_cents": None, "registry_cents": 153},
        **over,
    }


def test_a_kept_connection_that_closes_as_we_send_says_nothing_and_nothing_is_sent_again() -> None:
    with answering([http(201, status_object())]) as (port, server), gateway_on(port) as gateway:
        assert gateway.submit(filing(), KEY).status is Status.SUBMITTED
        with pytest.raises(Unavailable) as failed:
            gateway.submit(filing(), KEY)
    assert failed.value.arrival is UNKNOWN
    assert len(server.requests) == 2


def test_what_is_sent_is_what_the_contract_says() -> None:
    with answering([http(201, status_object())]) as (port, server), gateway_on(port) as gateway:
        ends = {"kind": "termination", "reason": "Company request", "for_cause": True}
        gateway.submit(filing(**ends, effective_on=date(2026, 3, 1)), KEY)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(f"PUT /gateway/v1/filings/{KEY} HTTP/1.1".encode())
    assert b"authorization: basic" in head.lower()
    sent = json.loads(body)
    assert sent == {
        **{name: value for name, value in filing()._asdict().items() if name != "lines"},
        **ends,
        "effective_on": "2026-03-01",
    }


def test_a_server_that_keeps_quiet_may_have_it() -> None:
    with answering(None) as (port, _), gateway_on(port) as gateway, pytest.raises(TimedOut) as failed:
        gateway.submit(filing(), KEY)
    assert failed.value.arrival is UNKNOWN


def test_a_connection_that_breaks_within_the_answer_says_nothing() -> None:
    broken = http(201, status_object())[:-20]
    with (
        answering([broken]) as (port, _),
        gateway_on(port) as gateway,
        pytest.raises(RegistryError) as failed,
    ):
        gateway.submit(filing(), KEY)
    assert failed.value.arrival is UNKNOWN


# --- answers ---------------------------------------------------------------------------------------

REFUSALS = [
    (http(400, {"error": "npn is missing"}), Malformed, REFUSED, "npn is missing"),
    (http(400, b"<html>"), Malformed, REFUSED, ""),
    (http(401, {"error": "who?"}), Unauthorized, NO, "HTTP 401"),
    (http(403, {"error": "who?"}), Unauthorized, UNKNOWN, "HTTP 403"),
    (http(409, {"error": "used"}), Conflict, UNKNOWN, "used"),
    (http(429, {}), Throttled, NO, "HTTP 429"),
    (http(503, {}), Unavailable, NO, "HTTP 503"),
    (http(503, {}, Retry_After="7"), Throttled, NO, "HTTP 503"),
    (http(302, {}, Location="/elsewhere"), Rejected, UNKNOWN, "HTTP 302"),
    (http(404, {"error": "no page"}), Rejected, UNKNOWN, "HTTP 404"),
    (http(408, {}), TimedOut, UNKNOWN, ""),
    (http(413, {}), Rejected, UNKNOWN, "HTTP 413"),
    (http(500, {}), Unavailable, UNKNOWN, "HTTP 500"),
    (http(502, {}), Unavailable, UNKNOWN, "HTTP 502"),
    (http(504, {}), TimedOut, UNKNOWN, ""),
    (http(200, b"gone"), BrokenAnswer, UNKNOWN, "JSON"),
    (http(201, b"\xff\xfe"), BrokenAnswer, UNKNOWN, "JSON"),
    (http(201, b"[" * 100_000), BrokenAnswer, UNKNOWN, "JSON"),
    (http(201, []), BrokenAnswer, UNKNOWN, "object"),
    (http(201, {}), BrokenAnswer, UNKNOWN, "key"),
    (http(201, status_object(key=str(OTHER))), BrokenAnswer, UNKNOWN, "another filing"),
    (http(201, status_object(key=7)), BrokenAnswer, UNKNOWN, "key"),
    (http(201, status_object(status="filed")), BrokenAnswer, UNKNOWN, "status"),
    (http(201, status_object(status=["accepted"])), BrokenAnswer, UNKNOWN, "status"),
    (http(201, status_object(status="ready")), BrokenAnswer, UNKNOWN, "status"),
    (http(201, status_object(words=7)), BrokenAnswer, UNKNOWN, "text"),
    (http(201, status_object(effective_on="soon")), BrokenAnswer, UNKNOWN, "day"),
    (http(201, status_object(effective_on=20260301)), BrokenAnswer, UNKNOWN, "day"),
    (http(201, status_object(received_at="2026-03-15T14:05:09")), BrokenAnswer, UNKNOWN, "zone"),
    (http(201, status_object(fees=[1])), BrokenAnswer, UNKNOWN, "fees"),
    (http(201, status_object(fees={"state_cents": -1})), BrokenAnswer, UNKNOWN, "cents"),
    (http(201, status_object(fees={"state_cents": 2**31})), BrokenAnswer, UNKNOWN, "cents"),
    (http(201, status_object(fees={"state_cents": True})), BrokenAnswer, UNKNOWN, "cents"),
]


@pytest.mark.parametrize(("answer", "error", "arrival", "words"), REFUSALS)
def test_each_answer_to_a_filing_that_is_no_standing_is_an_error_of_its_kind(
    answer: bytes, error: type[RegistryError], arrival: Arrival, words: str
) -> None:
    with (
        answering([answer]) as (port, _),
        gateway_on(port) as gateway,
        pytest.raises(RegistryError) as failed,
    ):
        gateway.submit(filing(), KEY)
    assert (type(failed.value), failed.value.arrival) == (error, arrival)
    assert words in failed.value.words


def test_texts_of_the_registry_are_kept_as_far_as_a_database_takes_them() -> None:
    odd = status_object(status="rejected", words="a\0b\ud800c" + "d" * 3 * LONGEST_TEXT, fees=None)
    with answering([http(200, odd)]) as (port, _), gateway_on(port) as gateway:
        told = gateway.submit(filing(), KEY)
    assert told.words.startswith("ab?cd")
    assert len(told.words) == LONGEST_TEXT
    assert (told.state_fee, told.registry_fee) == (None, None)
    assert told.received_at == datetime.fromisoformat("2026-03-15T14:05:09.120+00:00")


NO_FILING = [
    # A page that is not there, on the way to the gateway or at a wrong address, is no word of the registry's.
    (http(404, b"<html>Not Found</html>"), BrokenAnswer),
    (http(404, {"detail": "Not Found"}), BrokenAnswer),
    (http(404, []), BrokenAnswer),
    (http(200, {}), BrokenAnswer),
    (http(204, b""), Rejected),
    (http(401, {}), Unauthorized),
    (http(503, {}), Unavailable),
]


@pytest.mark.parametrize(("answer", "error"), NO_FILING)
def test_only_the_gateway_s_own_word_says_that_a_filing_never_came(
    answer: bytes, error: type[RegistryError]
) -> None:
    with answering([answer]) as (port, _), gateway_on(port) as gateway, pytest.raises(error):
        gateway.ask(KEY)


def test_the_gateway_s_own_word_is_believed() -> None:
    with answering([http(404, {"error": "there is no filing"})]) as (port, _), gateway_on(port) as gateway:
        assert gateway.ask(KEY) is None


LISTS = [
    {},
    {"filings": [], "unknown": []},
    {"filings": [status_object()], "unknown": []},
    {"filings": [], "unknown": [str(KEY), str(KEY)]},
    {"filings": [status_object()], "unknown": [str(OTHER), str(uuid4())]},
    {"filings": [status_object(), "nothing"], "unknown": [str(OTHER)]},
    {"filings": {}, "unknown": [str(KEY), str(OTHER)]},
    {"filings": [], "unknown": [str(KEY), 7]},
]


@pytest.mark.parametrize("told", LISTS)
def test_a_list_that_leaves_a_filing_open_is_no_answer(told: object) -> None:
    with answering([http(200, told)]) as (port, _), gateway_on(port) as gateway, pytest.raises(BrokenAnswer):
        gateway.standings([KEY, OTHER])


def test_the_settings_choose_the_gateway(settings: Any, sandbox: SandboxProcess) -> None:
    settings.MUSTER_GATEWAY = {
        **settings.MUSTER_GATEWAY,
        "url": sandbox.gateway,
        "user": sandbox.user,
        "password": sandbox.password,
    }
    with closing(open_gateway()) as gateway:
        assert gateway.ask(KEY) is None
