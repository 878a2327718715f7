"""`muster report`: a saved or shipped report as a file, narrowed down, with what to do where it cannot be."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.cli.commands.report import command
from muster.config.errors import CannotDoIt
from muster.core.table import Question
from muster.reports.saved import save_report
from muster.reports.subject import subject_named
from tests.make import make_appointment, make_member, make_producer

pytestmark = pytest.mark.django_db

HEADER = ["Related Producer", "NPN", "State Code", "Line of Authority", "CoCode"]


@pytest.fixture
def member() -> Membership:
    member = make_member()
    for npn, state in (("1234567", "CA"), ("1234568", "NV")):
        make_appointment(
            make_producer(member.organization, npn=npn, first_name="Ada", last_name="Alder"), state
        )
    return member


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))


def report(*arguments: str) -> str:
    """What the command says on stderr; a refusal is raised."""
    done = CliRunner().invoke(command, list(arguments), standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.stderr


def test_a_shipped_report_is_written_in_its_columns(member: Membership, tmp_path: Path) -> None:
    file = tmp_path / "end.csv"
    said = report("appointments to terminate", "-o", str(file))
    assert said == f"Wrote 2 appointments to {file}.\n"
    assert rows(file) == [
        HEADER,
        ["Alder, Ada", "1234567", "CA", "Life", "90101"],
        ["Alder, Ada", "1234568", "NV", "Life", "90101"],
    ]
    assert Event.objects.get(kind="report:export").by == member.user


@pytest.mark.parametrize("asked", ["state:in:ca;TX", "State Code:equals:California", "npn:is:1234567"])
def test_a_filter_narrows_it_down_however_it_is_written(
    asked: str, member: Membership, tmp_path: Path
) -> None:
    file = tmp_path / "end.csv"
    report("appointments-to-terminate", "--filter", asked, "-o", str(file))
    assert [row[1] for row in rows(file)[1:]] == ["1234567"]


def test_the_ending_of_the_file_says_its_format(member: Membership, tmp_path: Path) -> None:
    file = tmp_path / "end.XLSX"
    report("appointments-to-terminate", "-o", str(file))
    assert CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()[0] == HEADER


def test_a_dash_is_where_the_command_writes(member: Membership) -> None:
    done = CliRunner().invoke(command, ["appointments-to-terminate", "-o", "-"])
    assert done.stdout_bytes.decode("utf-8-sig").splitlines()[0] == ",".join(HEADER)
    assert "Wrote 2 appointments to -." in done.stderr


def test_ones_own_report_comes_before_one_that_is_shared(member: Membership, tmp_path: Path) -> None:
    colleague = make_member(member.organization, Role.VIEWER, email="cleo@harbor.example")
    for owner, columns in ((colleague, ("npn",)), (member, ("state",))):
        save_report(
            by=owner,
            subject=subject_named("appointments"),
            question=Question(columns),
            name="Quarterly",
            is_shared=True,
        )
    file = tmp_path / "q.csv"
    report("quarterly", "-o", str(file), "--as", member.user.email)
    assert rows(file)[0] == ["State Code"]
    report("quarterly", "-o", str(file), "--as", "cleo@harbor.example")
    assert rows(file)[0] == ["NPN"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["appointments to end"], "There is no report “appointments to end”; there is: Appointments to Term"),
        (["zzzz"], "there is: Appointments to Terminate, Licenses Expiring Within 60 Days"),
        (
            ["appointments-to-terminate", "--filter", "stat:is:CA"],
            "There is no field “stat” here.*There is: stat",
        ),
        (["appointments-to-terminate", "--filter", "state:is:Atlantis"], "State Code is never “Atlantis”"),
        (["appointments-to-terminate", "--filter", "state:over:CA"], "It takes: equals, not equal to"),
    ],
)
def test_what_cannot_be_is_refused_with_what_there_is(
    arguments: list[str], says: str, member: Membership, tmp_path: Path
) -> None:
    file = tmp_path / "end.csv"
    with pytest.raises(CannotDoIt, match=says):
        report(*arguments, "-o", str(file))
    assert not file.exists()


@pytest.mark.parametrize(
    ("output", "says"), [("end.pdf", "ends in .csv or .xlsx"), ("nowhere/end.csv", "Cannot write")]
)
def test_a_file_that_cannot_be_written_is_told(
    output: str, says: str, member: Membership, tmp_path: Path
) -> None:
    with pytest.raises(CannotDoIt, match=says):
        report("appointments-to-terminate", "-o", str(tmp_path / output))
