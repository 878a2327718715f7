"""The command line: one sentence and exit code 2 for what cannot be done, and never a traceback."""

from __future__ import annotations

import socket
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner

from muster.cli.main import COMMANDS
from muster.cli.main import muster as commands
from tests.cli.process import free_port, muster

FERNET_KEY = "A" * 43 + "="

CANNOT = {
    "a database that is no PostgreSQL": (
        ["migrate"],
        {"DATABASE_URL": "sqlite:///x.db"},
        "DATABASE_URL must begin with postgresql://",
    ),
    "a database address that cannot be read": (
        ["migrate"],
        {"DATABASE_URL": "postgresql://me:hush@[::1/x"},
        "DATABASE_URL cannot be read",
    ),
    "a database address without a name": (
        ["migrate"],
        {"DATABASE_URL": "postgresql://me:hush@host"},
        "DATABASE_URL names no database",
    ),
    "a database that does not answer": (
        ["migrate"],
        {"DATABASE_URL": "postgresql://me:hush@127.0.0.1:{port}/x"},
        "The database does not answer",
    ),
    "a secret key that is too short": (
        ["migrate"],
        {"MUSTER_SECRET_KEY": "short"},
        "MUSTER_SECRET_KEY is too short",
    ),
    "a field key that is none": (
        ["migrate"],
        {"MUSTER_FIELD_KEYS": f"{FERNET_KEY},nonsense"},
        "MUSTER_FIELD_KEYS needs Fernet keys",
    ),
    "a blind index key that is too short": (
        ["migrate"],
        {"MUSTER_BLIND_INDEX_KEY": "short"},
        "MUSTER_BLIND_INDEX_KEY is too short",
    ),
    "two ways to encrypt one connection to the mail server": (
        ["migrate"],
        {"MUSTER_SMTP_STARTTLS": "1", "MUSTER_SMTP_TLS": "yes"},
        "MUSTER_SMTP_STARTTLS and MUSTER_SMTP_TLS exclude each other",
    ),
}


@pytest.mark.parametrize(("arguments", "variables", "sentence"), CANNOT.values(), ids=CANNOT)
def test_what_cannot_be_done_gets_one_sentence_and_exit_code_2(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], sentence: str
) -> None:
    filled = {name: value.format(port=free_port()) for name, value in variables.items()}
    result = muster(tmp_path, *arguments, **filled)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(sentence)
    assert result.stderr.count("\n") == 1
    assert "hush" not in result.stderr


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    result = muster(file, "migrate")
    assert result.returncode == 2
    assert result.stderr == f"Cannot use {file}: File exists; set MUSTER_HOME to a folder of yours.\n"


def test_an_empty_home_is_told_how_to_begin(tmp_path: Path) -> None:
    result = muster(tmp_path, "worker")
    assert result.returncode == 2
    assert result.stderr == "There is no organization here yet; make one with: muster init --demo\n"


def test_a_taken_port_is_refused_by_the_site_alone(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = muster(home, "web", "--port", str(port))
    assert result.returncode == 2
    assert result.stderr == f"Port {port} is taken by another program; choose one with --port.\n"


def test_an_unknown_queue_is_refused_with_those_there_are(home: Path) -> None:
    result = muster(home, "worker", "--queues", "bulk,slow")
    assert result.returncode == 2
    assert "no queue slow; there are interactive, bulk, gateway, webhooks, periodic." in result.stderr


def test_a_fault_of_its_own_is_logged_and_not_shown(tmp_path: Path) -> None:
    result = muster(tmp_path, "migrate", MUSTER_CSV_BYTES="many")
    log = tmp_path / "log" / "muster.log"
    assert result.returncode == 2
    assert result.stderr == f"Muster came upon a fault of its own; {log} says where.\n"
    assert "Traceback" in log.read_text("utf-8")


def test_an_unknown_command_is_refused(tmp_path: Path) -> None:
    result = muster(tmp_path, "conquer")
    assert result.returncode == 2
    assert "No such command 'conquer'" in result.stderr


def test_help_names_every_command_and_starts_nothing(tmp_path: Path) -> None:
    result = muster(tmp_path, "--help")
    assert result.returncode == 0
    assert all(f"\n  {name} " in result.stdout for name in COMMANDS)
    assert not (tmp_path / "postgres").exists()


# The sandbox is a program of its own, which the command becomes.
@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"sandbox"}))
def test_every_command_has_its_module_and_tells_what_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("MUSTER_HOME", str(tmp_path))
    result = CliRunner().invoke(commands, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage: " in result.output
    assert not (tmp_path / "postgres").exists()


def test_the_sandbox_tells_what_it_does(tmp_path: Path) -> None:
    result = muster(tmp_path, "sandbox", "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "usage: " in result.stdout


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    assert muster(tmp_path, "version").stdout == f"{version('muster')}\n"
