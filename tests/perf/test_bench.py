"""Benchmarks run, and tell what they took in the promised shape. How long that is, is no test's business."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench import files, imports

from muster.config.errors import CannotDoIt
from tests.cli.process import environment
from tests.ready_made import copy_of_migrated_home

PATIENCE = 240


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    (folder / "bench").mkdir()
    copy_of_migrated_home(folder / "bench")
    return folder


def bench(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "muster.cli", "bench", *arguments],
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def report_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_import_beside_copy_tells_seconds_ratios_and_memory(home: Path) -> None:
    report = report_of(
        bench(home, "import", "--rows", "300", "--turns", "1", "--yardstick", "copy", "--json")
    )
    assert report["bench"] == "import"
    assert report["rows"] == 300
    assert report["seconds"] > 0
    assert set(report["yardsticks"]) == {"copy"}
    assert report["ratios"]["copy"] > 0
    assert report["peak_rss_mb"]["muster"] > 10
    assert list(report["steps"]) == ["upload", "check", "process", "results"]


def test_import_leaves_a_results_file_with_every_row_created(home: Path) -> None:
    report_of(bench(home, "import", "--rows", "250", "--turns", "1", "--yardstick", "copy", "--json"))
    with (home / "bench" / "results-250.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["Outcome"] for row in csv.DictReader(file)] == ["created"] * 250


def test_check_tells_the_seconds_until_findings_of_both_files(home: Path) -> None:
    report = report_of(bench(home, "check", "--rows", "300", "--turns", "1", "--json"))
    assert report["bench"] == "check"
    assert set(report["steps"]) == {"60 faults, 4 wrong values", "60 faults, each its own value"}
    assert report["seconds"] == max(report["steps"].values())


def test_sync_tells_how_much_of_the_bound_it_reached(home: Path) -> None:
    report = report_of(bench(home, "sync", "--rows", "100", "--turns", "1", "--json"))
    assert report["bench"] == "sync"
    assert set(report["ratios"]) == set(report["yardsticks"]) > {"latency_bound"}
    assert report["reached"]["muster"] > 0


def test_submit_tells_how_much_of_the_bound_it_reached(home: Path) -> None:
    report = report_of(bench(home, "submit", "--rows", "100", "--turns", "1", "--json"))
    assert (report["bench"], report["rows"]) == ("submit", 100)
    assert set(report["ratios"]) == set(report["yardsticks"]) == {"bare_calls", "latency_bound"}
    assert report["reached"]["muster"] > 0
    # Claimed and submitted, each with one call.
    assert report["records"]["transactions_statuschange"] == 200


def test_invite_counts_until_the_mail_server_has_all_mails(home: Path) -> None:
    report = report_of(bench(home, "invite", "--rows", "100", "--turns", "1", "--json"))
    assert (report["bench"], report["rows"]) == ("invite", 100)
    assert set(report["steps"]) == {"invite", "deliver"}
    assert set(report["ratios"]) == {"bare_smtplib"}


def test_store_tells_how_many_records_it_stored_beside_copy(home: Path) -> None:
    report = report_of(bench(home, "store", "--rows", "300", "--turns", "1", "--json"))
    assert report["bench"] == "store"
    assert set(report["ratios"]) == {"copy", "muster, nothing changed"}
    wanted = {"producers_producer": 300, "licenses_license": 300 * 8, "licenses_lineofauthority": 300 * 30}
    assert wanted.items() <= report["records"].items()


@pytest.mark.parametrize(("name", "written"), [("sync", 3), ("store", 2)])
def test_what_has_not_changed_is_written_nowhere_but_on_the_producer(
    home: Path, name: str, written: int
) -> None:
    report = report_of(bench(home, name, "--rows", "100", "--turns", "1", "--json"))
    assert report["written_again"] == {"producers_producer": 100 * written}


def test_growing_files_tell_the_exponent_of_time(home: Path) -> None:
    code = (
        "import json, pathlib, sys; from bench.imports import scale;"
        "print(json.dumps(scale(pathlib.Path(sys.argv[1]), sizes=(100, 300), turns=1, tell=len)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(home / "bench")],
        env=environment(home),
        cwd=imports.__file__.rsplit("/", 2)[0],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    report = report_of(done)
    assert [size["rows"] for size in report["scaling"]] == [100, 300]
    assert isinstance(report["exponent"], float)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("import", "--yardstick", "guess"), "There is no yardstick “guess”"),
        (("guess",), "'guess' is not one of"),
    ],
)
def test_what_there_is_not_is_said_in_a_sentence(home: Path, arguments: tuple[str, ...], said: str) -> None:
    done = bench(home, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_yardstick_that_is_not_installed_is_asked_for(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(imports, "find_spec", lambda name: None)
    with pytest.raises(CannotDoIt, match="make bench"):
        imports.measure(home, rows=100, turns=1, tell=print)


def test_files_are_the_same_for_the_same_numbers(tmp_path: Path) -> None:
    one = files.write_agents(tmp_path / "one.csv", 500, faults=100)
    other = files.write_agents(tmp_path / "other.csv", 500, faults=100)
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(("different", "values"), [(False, 4), (True, 100)])
def test_a_file_has_as_many_faults_as_asked_for(tmp_path: Path, different: bool, values: int) -> None:
    path = files.write_agents(tmp_path / "file.csv", 500, faults=100, different=different)
    with path.open(encoding="utf-8", newline="") as file:
        states = [row["States"] for row in csv.DictReader(file)]
    wrong = [state for state in states if state and state not in files.STATES]
    assert (len(wrong), len(set(wrong))) == (100, values)


def test_authority_is_asked_of_the_site_as_it_is_served(home: Path) -> None:
    code = (
        "import json, pathlib, sys; from bench.authority import measure;"
        "print(json.dumps(measure(pathlib.Path(sys.argv[1]), rows=200, turns=1, sample=20, tell=len)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(home / "bench")],
        env=environment(home),
        cwd=imports.__file__.rsplit("/", 2)[0],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    report = report_of(done)
    assert (report["bench"], report["rows"]) == ("authority", 200)
    assert set(report["ratios"]) == {"healthz"}
    assert sum(report["reasons"].values()) == 20
    assert "producer_not_found" not in report["reasons"]


def test_producers_go_through_their_pages_as_they_are_served(home: Path) -> None:
    code = (
        "import json, pathlib, sys; from bench.portals import measure;"
        "print(json.dumps(measure(pathlib.Path(sys.argv[1]), rows=4, turns=1, thinks=0.1, tell=len)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(home / "bench")],
        env=environment(home),
        cwd=imports.__file__.rsplit("/", 2)[0],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    report = report_of(done)
    assert (report["bench"], report["rows"], report["pages"]) == ("portal", 4, 16)
    assert set(report["ratios"]) == {"healthz"}
