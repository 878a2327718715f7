"""`muster alerts` as a process, in a home of its own, with a sandbox that it starts itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from muster.cli.commands.alerts import checked
from muster.config.errors import CannotDoIt
from muster.core.alerts import Timetable
from muster.registry.alerts import REFUSED, Plan
from tests.cli.process import muster
from tests.registry.homes import home_with

NPNS = ["1000001", "1000002", "9999999999"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with home_with(tmp_path_factory.mktemp("alerts"), NPNS) as (folder, _):
        yield folder


def alerts(home: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    result = muster(home, "alerts", "--json", *arguments)
    assert result.stderr == ""
    return result.returncode, json.loads(result.stdout)


def a_past_weekday() -> date:
    day = datetime.now(UTC).date() - timedelta(days=3)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return day


def test_the_command_watches_all_then_finds_nothing_due_then_reads_one_day_again(home: Path) -> None:
    code, told = alerts(home)
    assert code == 1
    assert told["targets"] == {"added": 2, "removed": 0, "refused": 1, "queued": 0, "failure": ""}
    assert (told["unread"], told["strangers"], told["failure"]) == ({}, [], "")

    said = muster(home, "alerts")
    assert (said.returncode, said.stdout) == (0, "Nothing of the daily alerts is due.\n")

    day = str(a_past_weekday())
    said = muster(home, "alerts", "--day", day)
    assert (said.returncode, said.stdout) == (0, f"Read the alerts of {day} once more.\n")


def test_todays_report_can_be_asked_for_from_the_minute_on_which_it_can_be_had() -> None:
    friday, chicago = date(2026, 11, 20), ZoneInfo("America/Chicago")
    plan = Plan(Timetable(time(10, 15), chicago), "Harbor", "")
    with pytest.raises(CannotDoIt, match="can be had from 10:15 on that day on"):
        checked(friday, plan=plan, now=datetime(2026, 11, 20, 10, 14, 59, tzinfo=chicago))
    assert checked(friday, plan=plan, now=datetime(2026, 11, 20, 10, 15, tzinfo=chicago)) == friday


CANNOT = {
    "a weekend": (
        ["--day", "2026-11-21"],
        {},
        "2026-11-21 is at a weekend, for which there is no report.",
    ),
    "a day to come": (
        ["--day", "2998-01-01"],
        {},
        "The report of 2998-01-01 can be had from 10:15 on that day on (America/Chicago).",
    ),
    "a registry without alerts": (
        [],
        {"MUSTER_REGISTRY_URL": "http://127.0.0.1:9/reports"},
        "There are no daily alerts: set MUSTER_ALERTS_URL to where your registry's alerts service is.",
    ),
    "a time that is none": (
        [],
        {"MUSTER_ALERTS_TIME": "noon"},
        "The settings of the daily alerts cannot be read: MUSTER_ALERTS_TIME is a time as 10:15,"
        " MUSTER_ALERTS_TIME_ZONE a zone as America/Chicago, MUSTER_ALERTS_MONTHLY_PRICE dollars as 0.15.",
    ),
    "an ended password": (
        ["--day", str(a_past_weekday())],
        {"MUSTER_ALERTS_PASSWORD": "wrong"},
        REFUSED,
    ),
}


@pytest.mark.parametrize(("arguments", "variables", "sentence"), CANNOT.values(), ids=CANNOT)
def test_what_cannot_be_done_gets_one_sentence_and_exit_code_2(
    home: Path, arguments: list[str], variables: dict[str, str], sentence: str
) -> None:
    result = muster(home, "alerts", *arguments, **variables)
    assert (result.returncode, result.stderr.strip(), result.stdout) == (2, sentence, "")
