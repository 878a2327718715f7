"""The filing gateway over HTTP: a key files once, what is malformed files nothing, and the ledger lasts."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from muster_sandbox.gateway.contract import Filing
from muster_sandbox.gateway.ledger import Arrival
from muster_sandbox.population import sample_npns
from muster_sandbox.registry import Registry
from muster_sandbox.settings import Settings
from tests.sandbox.filings import BASE, NPN, appointments, content, file, new_key, put
from tests.sandbox.process import SandboxProcess, sandbox_process

TODAY = date(2026, 3, 15)
LATER = 3_600


def test_a_key_that_comes_again_files_nothing_again(sandbox: SandboxProcess, gateway: httpx.Client) -> None:
    key = new_key()
    first, second = put(gateway, key), put(gateway, key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json() == gateway.get(f"{BASE}/{key}").json()
    (filing,) = sandbox.filings()
    assert (filing["key"], filing["id"], filing["times"]) == (key, "SB-00000001", 2)
    assert [one["outcome"] for one in sandbox.filing_requests(key)] == ["filed", "repeated"]


def test_the_same_content_may_come_spelled_out_and_the_key_in_capitals(gateway: httpx.Client) -> None:
    key = new_key()
    put(gateway, key)
    spelled_out = content(npn=f"00{NPN}", county="", effective_on=None, for_cause=False, reason="")
    again = gateway.put(f"{BASE}/{key.upper()}", json=dict(reversed(spelled_out.items())))
    assert (again.status_code, again.json()["key"]) == (200, key)


def test_a_key_used_for_other_content_is_a_conflict(sandbox: SandboxProcess, gateway: httpx.Client) -> None:
    key = new_key()
    before = put(gateway, key).json()
    answer = put(gateway, key, line_name="Health and Sickness (excluding Disability)")
    assert answer.status_code == 409
    assert key in answer.json()["error"]
    assert gateway.get(f"{BASE}/{key}").json() == before
    assert [one["content"]["line_name"] for one in sandbox.filings()] == ["Life"]


def test_many_at_once_with_one_key_file_once(sandbox: SandboxProcess) -> None:
    keys = [new_key() for _ in range(10)]
    with sandbox.client() as client, ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda key: (key, put(client, key).status_code), keys * 12))
    assert Counter(answers) == {
        **{(key, 201): 1 for key in keys},
        **{(key, 200): 11 for key in keys},
    }
    assert {one["key"]: one["times"] for one in sandbox.filings()} == dict.fromkeys(keys, 12)


MALFORMED = [
    (b"", "the body is not JSON"),
    (b"\xff", "the body is not JSON"),
    (b"[" * 60_000, "the body is not JSON"),
    (b"[]", "send a JSON object"),
    (b" " * 70_000, "the body is longer than 65,536 bytes"),
    ({"color": "red"}, "'color' is not a field; the fields are kind, npn, state, cocode"),
    ({"kind": "recall"}, "kind must be one of appointment, termination, license, renewal"),
    ({"npn": 9000013}, "npn must be the NPN of a producer"),
    ({"npn": "90000130000"}, "npn must be the NPN of a producer"),
    ({"state": "Texas"}, "state must be a two-letter code"),
    ({"state": "tx"}, "state must be a two-letter code"),
    ({"cocode": ""}, "cocode is missing"),
    ({"line_name": " "}, "line_name is missing"),
    ({"kind": "termination", "cocode": ""}, "cocode is missing"),
    ({"effective_on": "03/15/2026"}, "effective_on must be a day, YYYY-MM-DD"),
    ({"effective_on": "2026-02-30"}, "effective_on must be a day"),
    ({"effective_on": "9999-12-31"}, "effective_on must be a day"),
    ({"effective_on": 20260315}, "effective_on must be a day"),
    ({"for_cause": "no"}, "for_cause must be true or false"),
    ({"county": None}, "county must be a text"),
    ({"reason": "x" * 401}, "reason must be a text of at most 400 characters"),
    ({"company_name": "A\x00B"}, "company_name has a character that cannot be printed"),
    ({"company_name": "A\ud800B"}, "company_name has a character that cannot be printed"),
]


@pytest.mark.parametrize(("body", "words"), MALFORMED, ids=[words for _, words in MALFORMED])
def test_a_malformed_request_is_refused_and_files_nothing(
    sandbox: SandboxProcess, gateway: httpx.Client, body: bytes | dict[str, Any], words: str
) -> None:
    key = new_key()
    if isinstance(body, bytes):
        answer = gateway.put(f"{BASE}/{key}", content=body)
    else:
        answer = put(gateway, key, **body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert gateway.get(f"{BASE}/{key}").status_code == 404
    assert sandbox.filings() == []
    assert [one["outcome"] for one in sandbox.filing_requests(key)] == ["refused"]


@pytest.mark.parametrize("name", ["kind", "npn", "state", "cocode", "line_name"])
def test_what_is_needed_is_asked_for(gateway: httpx.Client, name: str) -> None:
    body = content()
    del body[name]
    answer = gateway.put(f"{BASE}/{new_key()}", json=body)
    assert (answer.status_code, answer.json()) == (400, {"error": f"{name} is missing"})


def test_a_key_is_a_uuid(gateway: httpx.Client) -> None:
    for answer in (gateway.put(f"{BASE}/17", json=content()), gateway.get(f"{BASE}/17")):
        assert answer.status_code == 400
        assert "the key must be a UUID" in answer.json()["error"]


def test_without_the_password_nothing_is_filed_or_told(sandbox: SandboxProcess) -> None:
    key = new_key()
    with httpx.Client(base_url=sandbox.url, auth=("tester", "wrong"), trust_env=False) as client:
        assert put(client, key).status_code == 401
        assert client.get(f"{BASE}/{key}").status_code == 401
        assert client.post(f"{BASE}/statuses", json={"keys": [key]}).status_code == 401
    assert sandbox.filings() == sandbox.filing_requests() == []


def test_a_key_that_never_came_is_not_found(gateway: httpx.Client) -> None:
    key = new_key()
    answer = gateway.get(f"{BASE}/{key}")
    assert (answer.status_code, answer.json()) == (404, {"error": f"there is no filing {key}"})


def test_a_question_sees_what_came_before_it_though_it_is_not_yet_answered(tmp_path: Path) -> None:
    async def ask() -> None:
        registry = Registry(Settings(home=tmp_path, user="", password="", today=TODAY))
        for _ in range(20):
            key = new_key()
            filing = Filing.read(json.dumps(content()))
            putting = asyncio.create_task(registry.gateway.receive(Arrival(key, filing)))
            await asyncio.sleep(0)
            assert list(await registry.gateway.filed([key])) == [key]
            assert (await putting).outcome == "filed"
        registry.close()

    asyncio.run(ask())


def test_many_keys_are_asked_about_at_once(gateway: httpx.Client) -> None:
    filed = [file(gateway, npn=npn) for npn in sample_npns(4)]
    keys = [one["key"] for one in filed]
    unknown = [new_key() for _ in range(3)]
    answer = gateway.post(f"{BASE}/statuses", json={"keys": [unknown[0], *keys, keys[0], *unknown[1:]]})
    assert (answer.status_code, answer.json()) == (200, {"filings": filed, "unknown": unknown})
    assert gateway.post(f"{BASE}/statuses", json={"keys": []}).json() == {"filings": [], "unknown": []}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], 'send {"keys": [...]}'),
        ({"keys": "all"}, 'send {"keys": [...]}'),
        ({"keys": [], "more": 1}, 'send {"keys": [...]}'),
        ({"keys": ["17"]}, "'17' is not a key"),
        ({"keys": [17]}, "17 is not a key"),
        ({"keys": [new_key() for _ in range(501)]}, "send at most 500 keys at once; these are 501"),
    ],
)
def test_questions_that_make_no_sense_are_refused(gateway: httpx.Client, body: Any, words: str) -> None:
    answer = gateway.post(f"{BASE}/statuses", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


def test_the_ledger_is_listed_page_by_page_and_by_npn(sandbox: SandboxProcess, gateway: httpx.Client) -> None:
    npns = sample_npns(3)
    for npn in npns * 2:
        file(gateway, npn=npn)
    everything = sandbox.filings()
    assert [(one["number"], one["npn"]) for one in everything] == list(enumerate(npns * 2, 1))
    assert sandbox.filings(npns[1]) == [everything[1], everything[4]]
    assert sandbox.control("gateway/filings?after=2&limit=2")["filings"] == everything[2:4]
    assert everything[0]["content"] == {
        **content(npn=npns[0]),
        **dict.fromkeys(
            ("company_name", "fein", "company_license_id", "line_code", "license_number", "class_code"), ""
        ),
        **dict.fromkeys(("county", "appointment_type", "reason"), ""),
        "effective_on": None,
        "for_cause": False,
    }
    assert sandbox.control(f"gateway/filings/{everything[0]['key']}") == everything[0]
    assert sum(sandbox.control("gateway")["filings"].values()) == 6


def test_a_restart_keeps_what_was_filed_and_decides_what_waits(tmp_path: Path) -> None:
    options = {"home": tmp_path, "today": str(TODAY)}
    with sandbox_process(**options, decide_after=LATER) as sandbox, sandbox.client() as client:
        sandbox.control("gateway/npn/1000009", {"behavior": "reject"})
        first = file(client)
        sandbox.control("gateway", {"decide_after": 0})
        second = file(client, kind="termination", reason="Agent moved")
        sandbox.control("gateway", {"decide_after": LATER})
        third = file(client)
        told_before = appointments(client)
        sandbox.stop(signal.SIGKILL)
    with sandbox_process(**options, decide_after=LATER) as sandbox, sandbox.client() as client:
        assert [(one["key"], one["status"]) for one in sandbox.filings()] == [
            (first["key"], "accepted"),
            (second["key"], "accepted"),
            (third["key"], "submitted"),
        ]
        assert put(client, first["key"]).status_code == 200
        assert appointments(client) == told_before
        assert [one["STATUS"] for one in told_before] == ["Terminated"]
        assert sandbox.control("gateway")["behaviors"] == {"1000009": "reject"}
        sandbox.control("gateway", {"decide_after": 0})
        assert client.get(f"{BASE}/{third['key']}").json()["status"] == "accepted"
        assert [one["STATUS"] for one in appointments(client)] == ["Terminated", "Appointed"]


def test_what_was_answered_is_on_disk_before_the_answer(tmp_path: Path) -> None:
    with sandbox_process(home=tmp_path) as sandbox, sandbox.client() as client:
        with ThreadPoolExecutor(16) as threads:
            keys = [one["key"] for one in threads.map(lambda npn: file(client, npn=npn), sample_npns(300))]
        sandbox.stop(signal.SIGKILL)
    with closing(sqlite3.connect(tmp_path / "filings.sqlite3")) as ledger:
        assert Counter(key for (key,) in ledger.execute("SELECT key FROM filing")) == Counter(keys)


def test_the_reset_forgets_filings_and_settings(sandbox: SandboxProcess, gateway: httpx.Client) -> None:
    key = file(gateway)["key"]
    sandbox.control("gateway", {"faults": {"reject": 1}, "down": True, "latency_ms": 1})
    sandbox.control("gateway/npn/1", {"behavior": "reject"})
    sandbox.control("reset", {})
    shown = sandbox.control("gateway")
    assert set(shown["faults"].values()) == set(shown["filings"].values()) == {0}
    assert (shown["decide_after"], shown["down"], shown["latency_ms"]) == (3, False, 0)
    assert shown["behaviors"] == {}
    assert sandbox.filings() == sandbox.filing_requests() == appointments(gateway) == []
    assert gateway.get(f"{BASE}/{key}").status_code == 404
    assert file(gateway)["id"] == "SB-00000001"
