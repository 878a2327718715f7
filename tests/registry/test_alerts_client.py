"""The client of the alerts service: what it sends, what it reads, and what each way of failing means."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from muster.core.alerts import AlertsReport
from muster.registry.adapter import open_alerts
from muster.registry.nipr import alerts as client_module
from muster.registry.nipr.alerts import NAMESPACE, NiprAlerts
from muster.registry.nipr.alerts_report import NOTES_KEPT, parse_alerts
from muster.registry.port import (
    BrokenAnswer,
    NoAlerts,
    RegistryError,
    Rejected,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from muster.registry.transport import Account
from tests.cli.process import free_port
from tests.sandbox.process import SandboxProcess, sandbox_process

ANSWERS = Path(__file__).parent / "answers" / "alerts"
LICENSING = (ANSWERS / "licensing.xml").read_bytes()
DEMOGRAPHICS = (ANSWERS / "demographics.xml").read_bytes()
LICENSING_BLOCKS = re.findall(rb"<JurisdictionReport>.*?</JurisdictionReport>\s*", LICENSING, re.DOTALL)
INTERFACE = Path(client_module.__file__).with_name("alerts.wsdl")
PATH = "/pdb-alerts-industry-services/services/industry-ws"
DAY = date(2026, 11, 20)
XML = "text/xml; charset=UTF-8"
MTOM = (
    'multipart/related; type="application/xop+xml"; boundary="=_b"; start="<root@x>"; start-info="text/xml"'
)
XOP = "http://www.w3.org/2004/08/xop/include"


class Handler(BaseHTTPRequestHandler):
    """Answers every request alike, and keeps what it was asked."""

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((dict(self.headers), asked))  # type: ignore[attr-defined]
        status, content_type, body, more = self.server.answer  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def answering(
    body: bytes, content_type: str = XML, status: int = 200, **headers: str
) -> Iterator[tuple[NiprAlerts, list[tuple[dict[str, str], bytes]]]]:
    """A client, and what is asked of a service that answers this."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        server.answer = status, content_type, body, more  # type: ignore[attr-defined]
        server.asked = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            with client_at(f"http://127.0.0.1:{server.server_address[1]}{PATH}") as client:
                yield client, server.asked  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()


def client_at(url: str, **over: Any) -> NiprAlerts:
    return NiprAlerts(
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


def envelope(content: str) -> bytes:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f"{content}</s:Body></s:Envelope>"
    ).encode()


def answer(operation: str, content: str = "") -> bytes:
    return envelope(f'<r:{operation}Response xmlns:r="{NAMESPACE}">{content}</r:{operation}Response>')


def report(*holders: str) -> bytes:
    inside = "".join(f"<r:alertsReport>{holder}</r:alertsReport>" for holder in holders)
    return answer("receiveSpecificReport", f"<r:alertsReport>{inside}</r:alertsReport>")


def include(content_id: str) -> str:
    return f'<x:Include xmlns:x="{XOP}" href="cid:{content_id}"/>'


def part(content_id: str, content: bytes, encoding: str = "binary") -> bytes:
    head = f"--=_b\r\nContent-ID: <{content_id}>\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def fault(message: str, code: str = "", faultcode: str = "s:Server") -> bytes:
    detail = f"<message>{message}</message><errorCode>{code}</errorCode>" if code else ""
    return envelope(
        f"<s:Fault><faultcode>{faultcode}</faultcode><faultstring>{message}</faultstring>"
        f'<detail><f:PdbAlertsFault xmlns:f="{NAMESPACE}">{detail}</f:PdbAlertsFault></detail></s:Fault>'
    )


def schema() -> etree.XMLSchema:
    types = etree.parse(INTERFACE).find(".//{http://www.w3.org/2001/XMLSchema}schema")
    return etree.XMLSchema(etree.fromstring(etree.tostring(types)))


CALLS: dict[str, Callable[[NiprAlerts], object]] = {
    "retrieveAllSubscriptions": lambda client: client.subscriptions(),
    "addSubscription": lambda client: client.add_subscription("Harbor & Sons", email="us@harbor.example"),
    "retrieveTargets": lambda client: client.targets("Harbor"),
    "addTargets": lambda client: client.add_targets("Harbor", ["17", "4711"]),
    "removeTargets": lambda client: client.remove_targets("Harbor", ["17"]),
    "receiveSpecificReport": lambda client: client.report(DAY),
}


@pytest.mark.parametrize("operation", CALLS)
def test_what_is_sent_is_as_the_interface_says(operation: str) -> None:
    encoded = base64.b64encode(LICENSING).decode()
    reply = report(encoded) if operation == "receiveSpecificReport" else answer(operation)
    with answering(reply) as (client, asked):
        CALLS[operation](client)
    [(headers, body)] = asked
    assert headers["SOAPAction"] == f'"{NAMESPACE}/{operation}"'
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"us:hush").decode()
    [sent] = etree.fromstring(body).find("{*}Body")
    assert sent.tag == f"{{{NAMESPACE}}}{operation}"
    schema().assertValid(sent)


def test_lists_and_refusals_are_read_by_the_names_that_matter() -> None:
    held = (
        "<r:more>1</r:more><r:list><r:validTargetList><r:npn>0017</r:npn><r:addedDate>2026-11-20</r:addedDate>"
        "</r:validTargetList><r:validTargetList><r:npn>4711</r:npn></r:validTargetList></r:list>"
    )
    with answering(answer("retrieveTargets", held)) as (client, _):
        assert client.targets("Harbor") == {"17", "4711"}
    added = (
        "<r:targetResultsData><r:validTargetList><r:npn>17</r:npn></r:validTargetList><r:invalidInputList>"
        "<r:input>18</r:input><r:invalidReason>Unknown</r:invalidReason></r:invalidInputList>"
        "</r:targetResultsData>"
    )
    with answering(answer("addTargets", added)) as (client, _):
        assert client.add_targets("Harbor", ["17", "18"]) == ({"17"}, {"18": "Unknown"})


LICENSING_SAYS = AlertsReport(
    named=("1000001", "1000002"),
    kinds=("licensing",),
    notes=(
        "“not a number” is no NPN: left out.",
        "TX line ZZ999 “Moon Landing” is none we know.",
        "ZZ is no state we know.",
        "A block is about nobody with an NPN in the report: left out.",
    ),
)
BOTH_SAY = AlertsReport(
    named=("1000001", "1000002", "1000003"),
    kinds=("licensing", "demographics"),
    notes=LICENSING_SAYS.notes,
)
ATTACHED = part("root@x", report(include("a@x"), include("b%40x")))
GOOD = {
    "inside the answer": (report(base64.encodebytes(LICENSING).decode()), XML, LICENSING_SAYS),
    "attached": (
        ATTACHED + part("a@x", LICENSING) + part("b@x", DEMOGRAPHICS) + b"--=_b--\r\n",
        MTOM,
        BOTH_SAY,
    ),
    "attached, in another order, and encoded": (
        part("b@x", base64.encodebytes(DEMOGRAPHICS), "base64")
        + part("a@x", LICENSING, "8bit")
        + ATTACHED
        + b"--=_b--",
        MTOM,
        BOTH_SAY,
    ),
}


@pytest.mark.parametrize(("body", "content_type", "says"), GOOD.values(), ids=GOOD)
def test_a_report_is_read_however_it_comes(body: bytes, content_type: str, says: AlertsReport) -> None:
    with answering(body, content_type) as (client, _):
        found = client.report(DAY)
    assert len(found.content) == 64
    assert replace(found, content="") == says


PARTLY = {
    "the last attachment breaks off": (
        ATTACHED + part("a@x", LICENSING) + part("b@x", DEMOGRAPHICS)[:-30],
        "document 2: its attachment breaks off",
    ),
    "the last attachment did not come at all": (
        ATTACHED + part("a@x", LICENSING) + b"--=_b--",
        "document 2: its attachment did not come",
    ),
    "the second document is cut": (
        ATTACHED + part("a@x", LICENSING) + part("b@x", DEMOGRAPHICS[:200]) + b"--=_b--",
        "document 2: it is no well-formed XML (line 3)",
    ),
    "the second document is of a kind that no alerts have": (
        ATTACHED + part("a@x", LICENSING) + part("b@x", b"<Weather/>") + b"--=_b--",
        "document 2: its root is Weather, which no alerts have",
    ),
    "the second document has a document type": (
        ATTACHED
        + part("a@x", LICENSING)
        + part("b@x", b'<!DOCTYPE a [<!ENTITY b "c">]>' + DEMOGRAPHICS.split(b"?>")[1])
        + b"--=_b--",
        "document 2: it carries a document type, which no answer of a registry needs",
    ),
}


@pytest.mark.parametrize(("body", "broken"), PARTLY.values(), ids=PARTLY)
def test_what_of_a_report_can_be_read_is_read(body: bytes, broken: str) -> None:
    with answering(body, MTOM) as (client, _):
        found = client.report(DAY)
    assert (found.named, found.broken) == (("1000001", "1000002"), broken)


FAILURES: dict[str, tuple[bytes, str, int, type[RegistryError], str]] = {
    "a day without alerts": (fault("No alerts", "5"), XML, 500, NoAlerts, "No alerts"),
    "another fault": (fault("Not in the mood.", "7"), XML, 500, Rejected, "Not in the mood (code 7)"),
    "a fault without a code": (fault("Boom"), XML, 500, Rejected, "Boom"),
    "a fault in an answer that says OK": (fault("Hm", "12"), XML, 200, Rejected, "Hm (code 12)"),
    "an ended password, told as a fault": (
        fault("Your password has expired", "31"),
        XML,
        500,
        Unauthorized,
        "Your password has expired",
    ),
    "an ended password, told as a status": (b"", "text/html", 401, Unauthorized, "it answered HTTP 401"),
    "a page of a server in trouble": (
        b"<html>Oops",
        "text/html",
        500,
        Unavailable,
        "it answered HTTP 500 without saying why",
    ),
    "no service for now": (b"", XML, 503, Unavailable, "it answered HTTP 503"),
    "a wrong address": (b"", XML, 404, Rejected, "HTTP 404. Check MUSTER_ALERTS_URL."),
    "no XML": (b"hello", XML, 200, BrokenAnswer, "it is no well-formed XML (line 1)"),
    "another XML": (b"<PDB/>", XML, 200, BrokenAnswer, "its root is PDB, not a SOAP envelope"),
    "an answer without a report": (report(), XML, 200, BrokenAnswer, "it holds no report"),
    "parts without a boundary": (
        ATTACHED,
        "multipart/related",
        200,
        BrokenAnswer,
        "it has parts, and does not say what stands between them",
    ),
    "parts that break off in the first": (
        ATTACHED[:150],
        MTOM,
        200,
        BrokenAnswer,
        "it is no well-formed XML (line 1)",
    ),
    "no parts": (b"--=_b--", MTOM, 200, BrokenAnswer, "it has no parts"),
}


@pytest.mark.parametrize(("body", "kind", "status", "error", "words"), FAILURES.values(), ids=FAILURES)
def test_each_way_of_failing_has_its_error(
    body: bytes, kind: str, status: int, error: type[RegistryError], words: str
) -> None:
    with answering(body, kind, status) as (client, _), pytest.raises(error) as caught:
        client.report(DAY)
    assert (type(caught.value), str(caught.value)) == (error, words)


def test_throttling_tells_how_long_to_wait() -> None:
    with answering(b"", status=429, Retry_After="7") as (client, _), pytest.raises(Throttled) as caught:
        client.subscriptions()
    assert caught.value.retry_after == 7.0


def test_an_answer_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "LARGEST_ANSWER", 1024 * 1024)
    with answering(b" " * (1024 * 1024 + 1)) as (client, _), pytest.raises(BrokenAnswer) as caught:
        client.subscriptions()
    assert str(caught.value) == "it is larger than 1 MiB"


def test_a_service_that_is_not_there_is_unavailable() -> None:
    with client_at(f"http://127.0.0.1:{free_port()}{PATH}") as client, pytest.raises(Unavailable):
        client.subscriptions()


def test_a_report_of_a_kind_whose_tree_names_nobody_says_so() -> None:
    found = parse_alerts([lambda: b"<RIRSReportProcessResult><RIRSReport/></RIRSReportProcessResult>"])
    assert found.named == ()
    assert found.notes == ("The regulatory actions report names nobody whom we can read.",)


SAME = {
    "fetched at another time": (b"2026-11-20T09:00:00", b"2026-11-21T10:00:00"),
    "as another message": (b"<MessageId>1<", b"<MessageId>2<"),
    "with another result": (b"<StatusCode>Valid</StatusCode></MessageResult>", b"</MessageResult>"),
    "numbered otherwise": (b'"P2"', b'"P77"'),
    "with other blanks": (b"</JurisdictionReport>", b"</JurisdictionReport>\n\n"),
    "with a block repeated": (b"</LicensingReport>", LICENSING_BLOCKS[0] + b"</LicensingReport>"),
    "in another order": (b"".join(LICENSING_BLOCKS), b"".join(reversed(LICENSING_BLOCKS))),
}
OTHER = {
    "another status": (b"<StatusCode>Active<", b"<StatusCode>Inactive<"),
    "about another person": (b'personReference="P1"', b'personReference="P2"'),
    "another person": (b"0001000001", b"0001000009"),
    "one block fewer": (LICENSING_BLOCKS[0], b""),
}


def content(document: bytes) -> str:
    return parse_alerts([lambda: document, lambda: DEMOGRAPHICS]).content


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_a_report_that_says_the_same_in_other_words_has_the_same_content(old: bytes, new: bytes) -> None:
    other = LICENSING.replace(old, new)
    assert other != LICENSING
    assert content(other) == content(LICENSING)
    in_another_order = parse_alerts([lambda: DEMOGRAPHICS, lambda: other, lambda: LICENSING])
    assert in_another_order.content == content(LICENSING)


@pytest.mark.parametrize(("old", "new"), OTHER.values(), ids=OTHER)
def test_a_report_that_says_anything_else_has_another_content(old: bytes, new: bytes) -> None:
    other = LICENSING.replace(old, new)
    assert other != LICENSING
    assert content(other) != content(LICENSING)


def test_of_a_kind_whose_tree_is_not_public_all_but_the_message_counts() -> None:
    def of(header: str, rest: str) -> str:
        document = (
            f"<RIRSReportProcessResult>{header}<RIRSReport>{rest}</RIRSReport></RIRSReportProcessResult>"
        )
        return parse_alerts([document.encode]).content

    same = [of("<MessageHeader>1</MessageHeader>", '<A key="1"/><B/>'), of("", '<B/><A key="1"/>')]
    other = [of("", '<A key="2"/><B/>'), of("", "<A/><B/>"), of("", '<A key="1"/>')]
    assert len({*same}) == 1
    assert len({*same, *other}) == 4


def test_of_very_many_notes_some_are_kept_and_the_others_counted() -> None:
    people = "".join(
        f"<ExternalIdentifier><TypeCode>NAICProducerCode</TypeCode><Id>x{number}</Id></ExternalIdentifier>"
        for number in range(NOTES_KEPT + 10)
    )
    document = f"<RIRSReportProcessResult>{people}</RIRSReportProcessResult>".encode()
    notes = parse_alerts([lambda: document]).notes
    assert len(notes) == NOTES_KEPT + 1
    assert notes[-1] == "And 11 notes more."


@pytest.fixture(scope="module")
def lively() -> Iterator[SandboxProcess]:
    with sandbox_process(today="2026-11-20", life=50, timeout_hold=30) as running:
        yield running


@pytest.fixture
def sandbox_client(lively: SandboxProcess) -> Iterator[NiprAlerts]:
    lively.control("reset", {})
    with client_at(
        f"{lively.url}{PATH}", user=lively.user, password=lively.password, read_seconds=5.0
    ) as client:
        yield client


def test_the_sandbox_keeps_subscriptions_and_targets(sandbox_client: NiprAlerts) -> None:
    assert sandbox_client.subscriptions() == []
    sandbox_client.add_subscription("Harbor", email="us@harbor.example")
    assert sandbox_client.subscriptions() == ["Harbor"]
    answer = sandbox_client.add_targets("Harbor", ["1000001", "1000002", "9999999999"])
    assert answer.taken == {"1000001", "1000002"}
    assert set(answer.refused) == {"9999999999"}
    assert sandbox_client.targets("Harbor") == {"1000001", "1000002"}
    assert sandbox_client.remove_targets("Harbor", ["1000001"]).taken == {"1000001"}
    assert sandbox_client.targets("Harbor") == {"1000002"}
    with pytest.raises(Rejected, match=r"\(code 902\)"):
        sandbox_client.targets("Nobody's")
    with pytest.raises(NoAlerts):
        sandbox_client.report(DAY)


@pytest.mark.parametrize("inline", [False, True], ids=["attached", "inside the answer"])
def test_the_sandboxs_reports_name_whose_records_changed(
    lively: SandboxProcess, sandbox_client: NiprAlerts, inline: bool
) -> None:
    lively.control("alerts", {"inline_attachments": inline})
    sandbox_client.add_subscription("Harbor", email="us@harbor.example")
    npns = [str(1_000_001 + number) for number in range(40)]
    sandbox_client.add_targets("Harbor", npns)
    lively.control("today", {"today": "2026-11-23"})
    found = sandbox_client.report(date(2026, 11, 23))
    assert found.named
    assert set(found.named) <= set(npns)
    assert (found.notes, found.broken) == ((), "")
    lively.control("alerts", {"next": ["stranger"]})
    assert set(sandbox_client.report(date(2026, 11, 23)).named) == {*found.named, "8999999"}
    lively.control("alerts", {"next": ["truncated"]})
    assert "document 1" in sandbox_client.report(date(2026, 11, 23)).broken


SANDBOX_FAULTS = {
    "unavailable": Unavailable,
    "timeout": TimedOut,
    "error": Rejected,
    "unauthorized": Unauthorized,
    "broken": BrokenAnswer,
}


@pytest.mark.parametrize(("name", "error"), SANDBOX_FAULTS.items(), ids=SANDBOX_FAULTS)
def test_the_sandboxs_faults_are_what_they_stand_for(
    lively: SandboxProcess, sandbox_client: NiprAlerts, name: str, error: type[RegistryError]
) -> None:
    lively.control("alerts", {"next": [name]})
    with (
        client_at(f"{lively.url}{PATH}", user=lively.user, password=lively.password) as client,
        pytest.raises(error),
    ):
        client.subscriptions()


def test_the_settings_choose_the_service() -> None:
    with open_alerts() as service:
        assert isinstance(service, NiprAlerts)
