"""`muster sync` as a process, in a home of its own, with a sandbox that it starts itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import muster
from tests.registry.homes import home_with

QUICK = {
    "MUSTER_REGISTRY_ATTEMPTS": "2",
    "MUSTER_REGISTRY_FIRST_WAIT_SECONDS": "0.2",
    "MUSTER_REGISTRY_READ_SECONDS": "1",
}

NPNS = ["1000001", "1000002", "9000001", "9000002", "9000006", "9000010"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with home_with(tmp_path_factory.mktemp("sync"), NPNS) as (folder, _):
        yield folder


def sync(home: Path, *arguments: str, **variables: str) -> tuple[int, dict[str, Any]]:
    result = muster(home, "sync", "--json", *arguments, **QUICK | variables)
    assert result.stderr == ""
    return result.returncode, json.loads(result.stdout)


def test_the_command_syncs_all_that_wait_then_those_named_then_finds_none(home: Path) -> None:
    code, told = sync(home, "--wait")
    assert code == 1
    assert told == {
        "queued": 6,
        "statuses": {"Success": 3, "Success - No Licenses": 1, "Not Found": 1, "Retry Error": 1},
    }

    code, told = sync(home, "--wait", "--npn", "9000002", "--npn", "09000001")
    assert code == 1
    assert told["producers"] == [
        {"npn": "9000002", "status": "Success - No Licenses", "reason": "", "licenses": 0},
        {
            "npn": "9000001",
            "status": "Not Found",
            "reason": "The registry knows nobody by this NPN.",
            "licenses": 0,
        },
    ]

    code, told = sync(home, "--wait", "--npn", "1000001")
    assert code == 0
    assert told["statuses"] == {"Success": 1}

    assert sync(home, "--wait") == (0, {"queued": 0, "statuses": {}})


CANNOT = {
    "an NPN nobody has": (
        ["--npn", "1234567"],
        {},
        "No producer here has the NPN 1234567; nothing was queued.",
    ),
    "an NPN that is none": (["--npn", "12x"], {}, "12x is no NPN: an NPN has 1 to 10 digits."),
    "a person nobody knows": (
        ["--as", "who@harbor.example"],
        {},
        "Nobody here logs in as who@harbor.example.",
    ),
    "a password the registry refuses": (
        ["--npn", "1000001", "--wait"],
        {"MUSTER_REGISTRY_PASSWORD": "wrong"},
        "The registry refused our user name or password. Set MUSTER_REGISTRY_USER and"
        " MUSTER_REGISTRY_PASSWORD, restart Muster, then sync again.",
    ),
}


@pytest.mark.parametrize(("arguments", "variables", "sentence"), CANNOT.values(), ids=CANNOT)
def test_what_cannot_be_done_gets_one_sentence_and_exit_code_2(
    home: Path, arguments: list[str], variables: dict[str, str], sentence: str
) -> None:
    result = muster(home, "sync", *arguments, **QUICK | variables)
    assert (result.returncode, result.stderr.strip(), result.stdout) == (2, sentence, "")
