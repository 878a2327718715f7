"""The control pages: faults and latency, one NPN's behavior, the ledger; and many requests at once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from muster_sandbox.identifiers import npn_of_ssn, ssn_of
from tests.sandbox.process import SandboxProcess, sandbox_process

ENTITY = "/pdb-xml-reports/entityinfo_xml.cgi"
NPN = "1000007"


def ask(client: httpx.Client, npn: str = NPN) -> httpx.Response:
    return client.get(ENTITY, params={"id_entity": npn})


def test_faults_and_latency_are_set_at_run_time_and_shown(sandbox: SandboxProcess) -> None:
    shown = sandbox.control("faults", {"latency_ms": 5, "timeout_hold": 0.1, "faults": {"error": 1}})
    assert shown == sandbox.control("faults")
    assert shown["latency_ms"] == 5
    assert shown["faults"] == {"timeout": 0, "error": 1, "throttle": 0, "broken": 0, "http_500": 0}
    with sandbox.client() as client:
        assert b"<TYPE>ERROR</TYPE>" in ask(client).content
    kept = sandbox.control("faults", {"faults": {}})
    assert kept["latency_ms"] == 5
    with sandbox.client() as client:
        assert b"<TYPE>INDIVIDUAL</TYPE>" in ask(client).content


def test_faults_leave_the_special_npns_alone(sandbox: SandboxProcess, client: httpx.Client) -> None:
    sandbox.control("faults", {"faults": {"http_500": 1}})
    assert ask(client).status_code == 500
    assert ask(client, "9000013").status_code == 200


def test_the_same_faults_hit_the_same_requests_in_another_process() -> None:
    options = {"seed": 5, "faults": "error=0.2,throttle=0.2,http_500=0.2,broken=0.2"}
    runs = []
    for _ in range(2):
        with sandbox_process(**options) as sandbox, sandbox.client() as client:
            for place in range(30):
                for _ in range(2):
                    ask(client, str(1_000_001 + place))
            runs.append([(one["npn"], one["attempt"], one["outcome"]) for one in sandbox.ledger()])
    assert runs[0] == runs[1]
    assert len({outcome for _, _, outcome in runs[0]}) == 5


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("faults", {"faults": {"sleep": 1}}, "'sleep' is not a fault"),
        ("faults", {"faults": {"error": "often"}}, "must be a number"),
        ("faults", {"faults": 3}, "faults must be an object"),
        ("faults", {"latency": 3}, "'latency' cannot be set; what can be set is faults, latency_ms"),
        ("faults", {"latency_ms": -1}, "latency_ms must be a number that is not negative"),
        ("faults", [], "send a JSON object"),
        (f"npn/{NPN}", {"behavior": "odd"}, "'odd' is not a behavior"),
        (f"npn/{NPN}", {"last_name": ""}, "last_name must be a text"),
        (f"npn/{NPN}", {"inactive_states": "TX"}, "inactive_states must be a list"),
        (f"npn/{NPN}", {"color": "red"}, "'color' cannot be set"),
        (f"npn/{NPN}", "no object", "send a JSON object"),
        ("npn/abc", {}, "an NPN is 1 to 10 digits"),
    ],
)
def test_settings_that_make_no_sense_are_refused_and_change_nothing(
    sandbox: SandboxProcess, client: httpx.Client, path: str, body: Any, words: str
) -> None:
    before = sandbox.control("faults")
    answer = client.post(f"/_control/{path}", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert sandbox.control("faults") == before
    assert ask(client).status_code == 200


def test_a_body_that_is_not_json_is_refused(client: httpx.Client) -> None:
    answer = client.post("/_control/faults", content=b"latency_ms=3")
    assert (answer.status_code, answer.json()) == (400, {"error": "the body is not JSON"})


def test_one_npn_behaves_as_told_until_told_otherwise(sandbox: SandboxProcess, client: httpx.Client) -> None:
    assert ask(client).status_code == 200
    sandbox.control(f"npn/{NPN}", {"behavior": "throttled_twice"})
    assert [ask(client).status_code for _ in range(3)] == [429, 429, 200]
    sandbox.control(f"npn/{NPN}", {"behavior": "throttled_twice"})
    assert [ask(client).status_code for _ in range(3)] == [429, 429, 200], "set again, it counts anew"
    sandbox.control(f"npn/{NPN}", {"behavior": "http_500"})
    assert ask(client).status_code == 500
    assert ask(client, "1000008").status_code == 200
    sandbox.control(f"npn/{NPN}", method="DELETE")
    assert ask(client).status_code == 200


def test_a_report_can_be_changed_so_that_a_second_sync_sees_a_difference(
    sandbox: SandboxProcess, client: httpx.Client
) -> None:
    npn = "9000013"
    whole = ask(client, npn).content
    before = etree.fromstring(whole)
    assert [each.get("name") for each in before.findall(".//LICENSE_INFORMATION/STATE")] == ["TX", "CA", "FL"]
    sandbox.control(
        f"npn/{npn}", {"last_name": "Newname", "without_states": ["FL"], "inactive_states": ["CA"]}
    )
    after = etree.fromstring(ask(client, npn).content)
    assert after.findtext(".//NAME_LAST") == "Newname"
    assert {
        each.get("name"): each.findtext("LICENSE/ACTIVE")
        for each in after.findall(".//LICENSE_INFORMATION/STATE")
    } == {"TX": "Yes", "CA": "No"}
    sandbox.control(f"npn/{npn}", method="DELETE")
    assert ask(client, npn).content == whole


def test_appointments_can_be_terminated(sandbox: SandboxProcess, client: httpx.Client) -> None:
    npn = "9000016"
    before = etree.fromstring(ask(client, npn).content)
    states = {
        each.getparent().getparent().get("name")
        for each in before.iter("APPOINTMENT")
        if each.findtext("STATUS") == "Appointed"
    }
    chosen = sorted(states)[0]
    sandbox.control(f"npn/{npn}", {"terminated_states": [chosen]})
    after = etree.fromstring(ask(client, npn).content)
    in_force = {
        each.getparent().getparent().get("name")
        for each in after.iter("APPOINTMENT")
        if each.findtext("STATUS") == "Appointed"
    }
    assert in_force == states - {chosen}


def test_the_ledger_has_every_request_in_order(sandbox: SandboxProcess, client: httpx.Client) -> None:
    ask(client)
    ask(client, "9000009")
    ask(client, "0001000007")
    ask(client, "nobody")
    client.get("/pdb-xml-reports/hitlist_xml.cgi", params={"license_num": "1", "state": "TX"})
    entries = sandbox.ledger()
    entity, hits = "entityinfo_xml.cgi", "hitlist_xml.cgi"
    assert [(one["script"], one["npn"], one["outcome"], one["attempt"]) for one in entries] == [
        (entity, NPN, "answered", 1),
        (entity, "9000009", "http_500", 1),
        (entity, NPN, "answered", 2),
        (entity, "", "bad_request", 0),
        (hits, "", "not_found", 1),
    ]
    assert [one["at"] for one in entries] == sorted(one["at"] for one in entries)
    assert sandbox.ledger(NPN) == [entries[0], entries[2]]
    assert sandbox.control("ledger")["outcomes"] == {
        "answered": 2,
        "http_500": 1,
        "bad_request": 1,
        "not_found": 1,
    }
    page = sandbox.control(f"ledger?after={entries[1]['id']}&limit=2")
    assert page["requests"] == entries[2:4]


def test_forgetting_one_npn_starts_its_count_again(sandbox: SandboxProcess, client: httpx.Client) -> None:
    for npn in ("9000020", "9000019", "9000020"):
        ask(client, npn)
    sandbox.control("ledger?npn=9000020", method="DELETE")
    assert [one["npn"] for one in sandbox.ledger()] == ["9000019"]
    assert [ask(client, "9000020").status_code for _ in range(2)] == [500, 200]
    assert b"INDIVIDUAL" in ask(client, "9000019").content


def test_reset_brings_back_the_settings_of_the_start(sandbox: SandboxProcess, client: httpx.Client) -> None:
    before = sandbox.control("faults")
    sandbox.control("faults", {"latency_ms": 1, "faults": {"error": 1}})
    sandbox.control(f"npn/{NPN}", {"behavior": "not_found"})
    sandbox.control("reset", {})
    assert sandbox.control("faults") == before
    assert sandbox.ledger() == []
    assert b"<TYPE>INDIVIDUAL</TYPE>" in ask(client).content


def test_hundreds_of_requests_are_held_at_once_by_one_thread(tmp_path: Path) -> None:
    async def hold(sandbox: SandboxProcess) -> list[int]:
        limits = httpx.Limits(max_connections=300)
        async with httpx.AsyncClient(
            base_url=sandbox.url, auth=sandbox.auth, timeout=60, trust_env=False, limits=limits
        ) as client:
            waiting = [
                asyncio.create_task(client.get(ENTITY, params={"id_entity": str(1_000_001 + place)}))
                for place in range(250)
            ]
            held = 0
            while held < 250:
                await asyncio.sleep(0.05)
                held = (await client.get("/_control/ledger")).json()["outcomes"].get("timeout", 0)
            assert not any(each.done() for each in waiting)
            status = Path(f"/proc/{sandbox.process.pid}/status").read_text()
            assert "\nThreads:\t1\n" in status
            sandbox.process.terminate()
            return [answer.status_code for answer in await asyncio.gather(*waiting)]

    with sandbox_process(home=tmp_path, faults="timeout=1", timeout_hold=3600) as sandbox:
        assert asyncio.run(hold(sandbox)) == [504] * 250
        assert sandbox.process.wait(30) == 0


def test_a_client_that_gives_up_is_counted_as_timed_out(tmp_path: Path) -> None:
    with sandbox_process(home=tmp_path, timeout_hold=3600) as sandbox:
        with sandbox.client(timeout=0.2) as client, pytest.raises(httpx.ReadTimeout):
            ask(client, "9000006")
        with sandbox.client() as client:
            assert ask(client, "9000006").status_code == 200
        assert [one["outcome"] for one in sandbox.ledger("9000006")] == ["timeout", "answered"]


def test_the_hit_list_behaves_as_the_npn_it_finds(client: httpx.Client) -> None:
    ssn = ssn_of(9_000_009, seed=1)
    assert npn_of_ssn(ssn, seed=1) == 9_000_009
    form = {"ssn": ssn, "name_last": "Stanhope"}
    assert client.post("/pdb-xml-reports/hitlist_xml.cgi", data=form).status_code == 500
