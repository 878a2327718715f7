"""What goes wrong with the gateway: what the sender sees, and that the ledger is as the contract promises."""

from __future__ import annotations

import json
import re
import socket
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx
import pytest

from muster_sandbox.gateway.contract import Filing
from muster_sandbox.gateway.decisions import BY_FAULT
from muster_sandbox.gateway.faults import BEHAVIORS, NAMES, NOT_FILED, OF_REQUESTS, GatewayFaults, of_request
from muster_sandbox.population import sample_npns
from tests.sandbox.filings import BASE, NPN, appointments, content, file, new_key, put
from tests.sandbox.process import SandboxProcess, sandbox_process
from tests.sandbox.test_gateway_decisions import NOT_RENEWED, RULES

DOCS = Path(__file__).parents[2] / "docs" / "reference"
SPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
# What the sender sees: an HTTP status, or what cannot be read.
SEEN: dict[str, int | type[Exception]] = {
    "throttle": 429,
    "unavailable": 503,
    "lost": httpx.RemoteProtocolError,
    "http_500_before": 500,
    "dropped": httpx.RemoteProtocolError,
    "held": 504,
    "broken": json.JSONDecodeError,
    "http_500": 500,
}


def seen(client: httpx.Client, key: str, **given: Any) -> int | type[Exception]:
    """Return the HTTP status of a request to file, or what kept the answer from being read."""
    try:
        answer = put(client, key, **given)
        if answer.status_code in (200, 201):
            assert answer.json()["key"] == key
        return answer.status_code
    except (httpx.TransportError, json.JSONDecodeError) as error:
        return type(error)


@pytest.mark.parametrize("fault", OF_REQUESTS)
def test_a_fault_leaves_the_ledger_as_promised_and_the_key_may_come_again(
    sandbox: SandboxProcess, gateway: httpx.Client, fault: str
) -> None:
    key = new_key()
    sandbox.control("gateway", {"faults": {fault: 1}})
    assert seen(gateway, key) == SEEN[fault]
    asked = gateway.get(f"{BASE}/{key}")
    assert asked.status_code == (404 if fault in NOT_FILED else 200)
    assert len(sandbox.filings()) == len(appointments(gateway)) == (0 if fault in NOT_FILED else 1)
    sandbox.control("gateway", {"faults": {}})
    assert seen(gateway, key) == (201 if fault in NOT_FILED else 200)
    (filing,) = sandbox.filings()
    assert (filing["times"], filing["status"]) == (2, "accepted")
    assert [(one["outcome"], one["fault"]) for one in sandbox.filing_requests(key)] == (
        [("refused", fault), ("filed", "")] if fault in NOT_FILED else [("filed", fault), ("repeated", "")]
    )
    assert len(appointments(gateway)) == 1


@pytest.mark.parametrize("fault", OF_REQUESTS)
def test_an_npn_behaves_as_told_once_for_each_key_or_always(
    sandbox: SandboxProcess, gateway: httpx.Client, fault: str
) -> None:
    sandbox.control(f"gateway/npn/{NPN}", {"behavior": f"{fault}_once"})
    for cocode in ("90011", "90029"):
        key = new_key()
        assert seen(gateway, key, cocode=cocode) == SEEN[fault]
        assert seen(gateway, key, cocode=cocode) in (200, 201)
    assert seen(gateway, new_key(), npn=sample_npns(1)[0]) == 201
    sandbox.control(f"gateway/npn/0{NPN}", {"behavior": fault})
    assert [seen(gateway, key, cocode=cocode) for _ in range(2)] == [SEEN[fault]] * 2
    assert sandbox.control(f"gateway/npn/{NPN}", method="DELETE") == {"npn": NPN, "behavior": None}
    assert seen(gateway, new_key()) == 201


def test_a_throttled_request_says_when_to_come_back(sandbox: SandboxProcess, gateway: httpx.Client) -> None:
    sandbox.control("gateway", {"faults": {"throttle": 1}})
    answer = put(gateway, new_key())
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["error"]


def test_what_is_held_is_filed_before_the_sender_gives_up() -> None:
    with sandbox_process(timeout_hold=3600, gateway_faults="held=1") as sandbox:
        key = new_key()
        with sandbox.client(timeout=0.5) as client:
            assert seen(client, key) == httpx.ReadTimeout
        assert [one["key"] for one in sandbox.filings()] == [key]


@pytest.mark.parametrize(
    ("behavior", "status"), [("reject", "rejected"), ("action_required", "action_required")]
)
def test_a_decision_is_as_told_for_an_npn(
    sandbox: SandboxProcess, gateway: httpx.Client, behavior: str, status: str
) -> None:
    sandbox.control(f"gateway/npn/{NPN}", {"behavior": behavior})
    filed = file(gateway)
    decision = BY_FAULT[behavior]
    assert (filed["status"], filed["code"], filed["words"]) == (status, decision.code, decision.words)
    assert file(gateway, line_name="Surety")["code"] == "210", "the rules come first"
    assert file(gateway, npn="9000014")["status"] == "accepted"
    assert appointments(gateway) == []


def test_an_npn_that_is_normal_meets_no_fault_by_probability(
    sandbox: SandboxProcess, gateway: httpx.Client
) -> None:
    sandbox.control("gateway", {"faults": {"http_500_before": 0.5, "reject": 0.5}})
    sandbox.control(f"gateway/npn/{NPN}", {"behavior": "normal"})
    assert file(gateway)["status"] == "accepted"


def test_a_gateway_that_is_down_answers_nothing_and_files_nothing(
    sandbox: SandboxProcess, gateway: httpx.Client
) -> None:
    key = file(gateway)["key"]
    sandbox.control("gateway", {"down": True})
    for answer in (
        put(gateway, new_key()),
        gateway.put(f"{BASE}/{new_key()}", content=b"no JSON"),
        gateway.get(f"{BASE}/{key}"),
        gateway.get(f"{BASE}/no-key"),
        gateway.post(f"{BASE}/statuses", json={"keys": [key]}),
    ):
        assert (answer.status_code, list(answer.json())) == (503, ["error"])
    assert len(sandbox.filings()) == 1
    assert [one["fault"] for one in sandbox.filing_requests()] == ["", "down", "down"]
    sandbox.control("gateway", {"down": False})
    assert gateway.get(f"{BASE}/{key}").status_code == 200


def test_latency_delays_every_answer_and_what_it_delays_is_filed(
    sandbox: SandboxProcess, gateway: httpx.Client
) -> None:
    key = new_key()
    sandbox.control("gateway", {"latency_ms": 2_000})
    with sandbox.client(timeout=0.3) as client:
        assert seen(client, key) == httpx.ReadTimeout
        with pytest.raises(httpx.ReadTimeout):
            client.get(f"{BASE}/{key}")
        with pytest.raises(httpx.ReadTimeout):
            client.post(f"{BASE}/statuses", json={"keys": [key]})
    assert [one["key"] for one in sandbox.filings()] == [key]


def test_the_same_faults_hit_the_same_keys_in_another_process() -> None:
    faults = ",".join(f"{name}=0.1" for name in OF_REQUESTS)
    runs: list[list[tuple[str, str, str]]] = []
    for _ in range(2):
        with (
            sandbox_process(seed=3, gateway_faults=faults, timeout_hold=0, decide_after=0) as sandbox,
            sandbox.client() as client,
        ):
            for place, npn in enumerate(sample_npns(30)):
                for _ in range(3):
                    seen(client, str(uuid5(SPACE, str(place))), npn=npn)
            runs.append([(one["key"], one["outcome"], one["fault"]) for one in sandbox.filing_requests()])
            filed = Counter(key for key, outcome, _ in runs[-1] if outcome == "filed")
            assert set(filed.values()) == {1}
            assert {one["key"] for one in sandbox.filings()} == set(filed)
            assert {one["times"] for one in sandbox.filings()} == {3}
            sandbox.stop()
            assert sandbox.process.stderr is not None
            assert sandbox.process.stderr.read() == "", "a broken connection is not worth a word"
    assert runs[0] == runs[1]
    assert {fault for _, _, fault in runs[0]} == {*OF_REQUESTS, ""}


def test_the_same_contents_are_decided_alike_in_another_process_and_anew_when_filed_again() -> None:
    runs: list[list[str]] = []
    for _ in range(2):
        with (
            sandbox_process(gateway_faults="reject=0.4,action_required=0.3", decide_after=0) as sandbox,
            sandbox.client() as client,
        ):
            cocodes = [f"{70_000 + place}" for place in range(20)]
            runs.append([file(client, cocode=cocode)["status"] for cocode in cocodes * 2])
    assert runs[0] == runs[1]
    assert {*runs[0]} == {"accepted", "rejected", "action_required"}
    first, again = runs[0][:20], runs[0][20:]
    assert {(old, new) for old, new in zip(first, again, strict=True)} > {("rejected", "accepted")}


def test_probabilities_are_those_of_the_options() -> None:
    faults = GatewayFaults.parse("dropped=0.1,throttle=0.2,reject=0.3")
    drawn = Counter(of_request(faults, None, seed=1, key=str(place), times=1) for place in range(10_000))
    assert set(drawn) == {"dropped", "throttle", ""}
    assert 900 < drawn["dropped"] < 1_100
    assert 1_850 < drawn["throttle"] < 2_150


def test_a_sender_that_dies_before_it_has_said_what_to_file_files_nothing(tmp_path: Path) -> None:
    with sandbox_process(home=tmp_path) as sandbox:
        body = json.dumps(content()).encode()
        host, _, port = sandbox.url.removeprefix("http://").partition(":")
        with sandbox.client() as client:
            request = client.build_request("PUT", f"{BASE}/{new_key()}", content=body)
            head = f"PUT {request.url.path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
            auth = httpx.BasicAuth(sandbox.user, sandbox.password).auth_flow(request)
            head += f"Authorization: {next(auth).headers['Authorization']}\r\n\r\n"
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(head.encode() + body[:20])
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(head.encode())
            key = file(client)["key"]
        assert [one["key"] for one in sandbox.filings()] == [key]
        sandbox.stop()
        assert sandbox.process.stderr is not None
        assert sandbox.process.stderr.read() == ""


@pytest.mark.parametrize(
    ("page", "body", "words"),
    [
        ("gateway", {"faults": {"sleep": 1}}, "'sleep' is not a fault; the faults are throttle, unavailable"),
        ("gateway", {"faults": {"lost": 0.6, "reject": 0.6}}, "together must be at most 1"),
        ("gateway", {"decide_after": -1}, "decide_after must be a number that is not negative"),
        ("gateway", {"latency_ms": "fast"}, "latency_ms must be a number"),
        ("gateway", {"down": 1}, "down must be true or false"),
        ("gateway", {"decide_after": 1, "down": 1}, "down must be true or false"),
        ("gateway", {"color": 1}, "'color' cannot be set"),
        ("gateway/npn/abc", {"behavior": "lost"}, "an NPN is 1 to 10 digits"),
        ("gateway/npn/1000001", {"behavior": "reject_once"}, "'reject_once' is not a behavior"),
        ("gateway/npn/1000001", {}, "None is not a behavior"),
        ("gateway/filings/17", {"status": "accepted"}, "the key must be a UUID"),
        (f"gateway/filings/{SPACE}", {"status": "lost"}, "status must be one of submitted, accepted"),
        (f"gateway/filings/{SPACE}", {"status": "rejected", "words": "\x00"}, "cannot be printed"),
    ],
)
def test_settings_that_make_no_sense_are_refused_and_change_nothing(
    sandbox: SandboxProcess, gateway: httpx.Client, page: str, body: dict[str, object], words: str
) -> None:
    before = sandbox.control("gateway")
    answer = gateway.post(f"/_control/{page}", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert sandbox.control("gateway") == before


@pytest.mark.parametrize("page", ["filings?npn=x", "filings?after=x", "requests?limit=-1"])
def test_pages_that_make_no_sense_are_refused(gateway: httpx.Client, page: str) -> None:
    assert gateway.get(f"/_control/gateway/{page}").status_code == 400


def test_a_filing_that_never_came_cannot_be_decided(gateway: httpx.Client) -> None:
    answer = gateway.post(f"/_control/gateway/filings/{new_key()}", json={"status": "accepted"})
    assert answer.status_code == 404


def test_the_manual_lists_the_faults_and_behaviors_as_they_are() -> None:
    text = (DOCS / "sandbox.md").read_text("utf-8").partition("## Filing gateway")[2].partition("\n## ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", text, re.M)) == NAMES
    assert set(BEHAVIORS) == {"normal", *NAMES, *(f"{name}_once" for name in OF_REQUESTS)}


def test_the_contract_lists_the_fields_of_a_filing_and_of_its_status_as_they_are(
    gateway: httpx.Client,
) -> None:
    text = (DOCS / "gateway-contract.md").read_text("utf-8")

    def listed(heading: str) -> list[str]:
        part = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        return re.findall(r"^\| `(\w+)` \|", part, re.M)

    assert listed("What is filed") == [field.name for field in fields(Filing)]
    assert listed("The status object") == list(file(gateway))


def test_the_manual_lists_the_codes_as_they_are() -> None:
    text = (DOCS / "sandbox.md").read_text("utf-8")
    by_the_rules = {code for _, _, code, _ in RULES if code} | {"220"}
    by_the_rules |= {code for _, code in NOT_RENEWED if code}
    assert set(re.findall(r"^\| (\d{3}) \|", text.partition("## Filing gateway")[2], re.M)) == {
        *by_the_rules,
        *(decision.code for decision in BY_FAULT.values()),
    }
