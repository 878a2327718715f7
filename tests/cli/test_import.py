"""`muster import`: what it writes is on record, closed to others, and as long as it has to be."""

from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.core.exceptions import PermissionDenied

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.bulk.models import Finding, Operation
from muster.cli.commands import import_
from muster.cli.commands.import_ import command, summary, write_json
from muster.config.errors import CannotDoIt
from muster.imports.downloads import download_results
from tests.make import make_member
from tests.web.import_makers import agency_on_file, agent_file, make_processed, make_upload, row

pytestmark = pytest.mark.django_db

SSN = "123-45-6789"


@pytest.fixture
def admin() -> Membership:
    admin = make_member(can_see_ssn=True)
    agency_on_file(admin.organization)
    return admin


def run(folder: Path, lines: list[str], *options: str) -> Result:
    file = folder / "class.csv"
    file.write_text(agent_file(lines), "utf-8")
    return CliRunner().invoke(
        command, ["agent", str(file), *options], standalone_mode=False, catch_exceptions=False
    )


def downloads() -> list[Event]:
    return list(Event.objects.filter(kind=EventKind.RESULTS_DOWNLOADED))


@pytest.mark.parametrize("sees", [True, False])
def test_a_results_file_is_on_record_with_whether_ssns_are_in_clear(
    admin: Membership, tmp_path: Path, sees: bool
) -> None:
    Membership.objects.filter(pk=admin.pk).update(can_see_ssn=sees)
    results = tmp_path / "results.csv"
    assert run(tmp_path, [row(1001, ssn=SSN)], "--results", str(results)).return_value == 0
    (event,) = downloads()
    operation = Operation.objects.get()
    assert (event.organization_id, event.by_id) == (admin.organization_id, admin.user_id)
    assert (event.operation_id, event.subject) == (operation.pk, f"operation:{operation.pk}")
    assert event.data == {"only_failed": False, "ssn_in_clear": sees}
    assert (SSN in results.read_text("utf-8")) is sees


@pytest.mark.parametrize("is_there", [False, True])
def test_a_results_file_is_closed_to_others(admin: Membership, tmp_path: Path, is_there: bool) -> None:
    results = tmp_path / "results.csv"
    if is_there:
        results.write_text("yesterday's, which is longer than what comes today" * 40)
        results.chmod(0o644)
    run(tmp_path, [row(1001, ssn=SSN)], "--results", str(results))
    assert results.stat().st_mode & 0o777 == 0o600
    assert "yesterday's" not in results.read_text("utf-8")


def test_without_results_nothing_is_recorded_as_downloaded(admin: Membership, tmp_path: Path) -> None:
    run(tmp_path, [row(1001)])
    assert downloads() == []


def test_results_are_given_to_nobody_of_another_organization_or_role() -> None:
    operation = make_processed()
    organization = operation.organization
    for stranger in (make_member(can_see_ssn=True), make_member(organization, Role.VIEWER)):
        with pytest.raises(PermissionDenied):
            download_results(by=stranger, operation=operation)
    assert downloads() == []


def test_json_is_one_object_with_every_finding(admin: Membership, tmp_path: Path) -> None:
    done = run(tmp_path, [row(1001), row("12a"), row(1002, states="Calif.")], "--json")
    assert done.return_value == 1
    told = json.loads(done.stdout)
    assert told["outcomes"] | {"created": 1, "rejected": 2} == told["outcomes"]
    assert [(found["code"], found["row"]) for found in told["findings"]] == [
        ("NPN-E001", 3),
        ("STATE-E002", 4),
    ]
    assert told["findings"][1]["message"].startswith("“Calif.” in States")
    assert told["transactions"] == {}


def test_json_of_a_file_without_findings_has_none(admin: Membership, tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, [row(1001)], "--json").stdout)["findings"] == []


def test_json_of_many_findings_takes_no_more_memory_than_of_few() -> None:
    operation = make_upload()
    peaks = []
    for count in (4_000, 16_000):
        Finding.objects.bulk_create(
            Finding(operation=operation, row_no=number, code="NPN-E001", severity="error", value="12a")
            for number in range(2, count + 2)
        )
        with _Counter() as written:
            tracemalloc.start()
            write_json(operation, summary(operation), written)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert written.characters > count * 100
    assert peaks[1] < peaks[0] * 1.5


class _Counter(io.StringIO):
    """Somewhere to write that keeps nothing."""

    characters = 0

    def write(self, text: str) -> int:
        self.characters += len(text)
        return len(text)


def test_a_cause_is_told_once_with_the_first_of_its_rows(admin: Membership, tmp_path: Path) -> None:
    done = run(tmp_path, [row(number, states="Calif.") for number in range(1001, 1009)])
    (line,) = [line for line in done.stderr.splitlines() if "Calif." in line]
    assert line.startswith("  error: “Calif.” in States is not a state")
    assert "(rows 2, 3, 4, 5, 6 and 3 more)" in line


def test_many_causes_are_told_to_be_more_than_are_shown(admin: Membership, tmp_path: Path) -> None:
    lines = [row(1000 + number, states=f"Region {number}") for number in range(8)]
    done = run(tmp_path, lines)
    assert len([line for line in done.stderr.splitlines() if "Region" in line]) == 5
    assert "There are more; --results FILE writes" in done.stderr


def test_results_that_cannot_be_written_are_told_before_anything_is_done(
    admin: Membership, tmp_path: Path
) -> None:
    with pytest.raises(CannotDoIt, match="Cannot write"):
        run(tmp_path, [row(1001)], "--results", str(tmp_path / "nowhere" / "results.csv"))
    assert not Operation.objects.exists()


def test_what_is_no_file_is_not_read(admin: Membership) -> None:
    with pytest.raises(CannotDoIt, match="it is not a file"):
        CliRunner().invoke(command, ["agent", "/dev/zero"], standalone_mode=False, catch_exceptions=False)


def test_a_file_is_read_no_further_than_the_limit(
    admin: Membership, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MUSTER_UPLOAD_LIMITS = settings.MUSTER_UPLOAD_LIMITS | {"csv_bytes": 100, "xlsx_bytes": 100}
    monkeypatch.setattr("muster.cli.commands.import_.BLOCK_BYTES", 50)
    file = tmp_path / "class.csv"
    file.write_bytes(b"x" * 1000)
    assert sum(map(len, import_._blocks(file))) == 150


def test_a_check_tells_what_would_be_and_that_nothing_was_written(admin: Membership, tmp_path: Path) -> None:
    told = run(tmp_path, [row(1001)], "--check").output
    assert "1 row, 0 blank rows skipped." in told
    assert "1 would be created" in told
    assert "Nothing was written." in told
