"""The command: its start, its end, and what it says when it cannot start; the ledger across restarts."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from muster_sandbox.command import main
from tests.sandbox.process import READY, sandbox_process, start

ENTITY = "/pdb-xml-reports/entityinfo_xml.cgi"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly_and_without_a_word(tmp_path: Path, number: signal.Signals) -> None:
    process = start("--port", "0", "--home", str(tmp_path))
    assert process.stdout is not None
    assert process.stdout.readline().startswith(READY)
    process.send_signal(number)
    rest, errors = process.communicate(timeout=30)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_a_port_that_is_taken_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start("--port", str(port), "--home", str(tmp_path))
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output) == (2, "")
    assert errors == (
        f"The sandbox registry cannot listen on 127.0.0.1:{port} (Address already in use). "
        "Stop what uses the port, or choose another with --port (0 takes a free one).\n"
    )


def test_a_home_in_use_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    with sandbox_process(home=tmp_path):
        process = start("--port", "0", "--home", str(tmp_path))
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output) == (2, "")
    assert errors == (f"Another sandbox registry already uses {tmp_path}. Stop it, or give another --home.\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--faults", "timeout=2"], "the probability of timeout must be between 0 and 1; it is 2."),
        (["--today", "yesterday"], "Invalid isoformat string: 'yesterday'."),
        (["--today", "2025-06-30"], "--today must be 2025-07-01 or later."),
        (["--population", "7000000"], "--population must be between 1 and 6999999."),
        (["--gateway-faults", "sleep=1"], "'sleep' is not a fault; the faults are throttle, unavailable"),
        (["--decide-after", "nan"], "--decide-after must be 0 to 3600000 seconds."),
        (["--latency-ms", "-1"], "times must not be negative."),
        (["--home", "/dev/null/here"], "cannot use /dev/null/here (Not a directory)."),
        (["--port", "70000"], "cannot listen on 127.0.0.1:70000"),
        (["--host", "no host name"], "cannot listen on no host name:0"),
    ],
)
def test_options_that_cannot_be_used_are_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert main(["--port", "0", "--home", str(tmp_path), *options]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert said.err.count("\n") == 1


def test_the_ledger_survives_a_restart_and_once_stays_once(tmp_path: Path) -> None:
    def ask(npn: str) -> int:
        with sandbox.client() as client:
            return client.get(ENTITY, params={"id_entity": npn}).status_code

    with sandbox_process(home=tmp_path) as sandbox:
        assert [ask("9000020"), ask("9000012"), ask("1000003")] == [500, 429, 200]
        sandbox.control("npn/1000004", {"behavior": "http_500"})
        before = sandbox.ledger()
        assert sandbox.stop() == 0
    with sandbox_process(home=tmp_path) as sandbox:
        assert sandbox.ledger() == before
        assert [ask("9000020"), ask("9000012"), ask("9000012"), ask("1000004")] == [200, 429, 200, 500]
        assert [one["attempt"] for one in sandbox.ledger("9000012")] == [1, 2, 3]


def test_requests_answered_a_moment_before_it_is_stopped_are_in_the_ledger(tmp_path: Path) -> None:
    with sandbox_process(home=tmp_path) as sandbox:
        with sandbox.client() as client:
            for place in range(50):
                client.get(ENTITY, params={"id_entity": str(1_000_001 + place)})
        sandbox.stop()
    with sandbox_process(home=tmp_path) as sandbox:
        assert len(sandbox.ledger()) == 50


def test_a_home_keeps_nothing_of_those_who_were_not_asked_for(tmp_path: Path) -> None:
    with sandbox_process(home=tmp_path) as sandbox, sandbox.client() as client:
        client.get(ENTITY, params={"id_entity": "1000001"})
        assert len(sandbox.ledger()) == 1
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 100_000
