"""Onboarding a file of producers from a terminal: `muster import producer`, then `muster onboard`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from muster.access.models import Membership
from muster.bulk.models import Operation
from muster.cli.commands import import_, onboard
from muster.config.errors import CannotDoIt
from muster.licenses.models import PaymentSetup
from tests.make import make_member, make_organization
from tests.onboarding.files import as_csv, row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]

PAYS = ("--new-license", "agency", "--renewal", "producer", "--auto-renewal")


def told(member: Membership, command: object, *options: str) -> Result:
    arguments = [*options, "--as", member.user.email]
    return CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)  # type: ignore[arg-type]


def test_a_file_is_onboarded_from_a_terminal(member: Membership, tmp_path: Path) -> None:
    file = tmp_path / "hires.csv"
    file.write_bytes(as_csv([row(0), row(1) | {"Last Name": "Otherwise"}]))
    imported = told(member, import_.command, "producer", str(file))
    upload = Operation.objects.get()
    assert f"muster onboard {upload.pk}" in imported.output
    onboarded = told(member, onboard.command, str(upload.pk), *PAYS, "--json")
    assert onboarded.return_value == 1
    said = json.loads(onboarded.output.splitlines()[-1])
    assert said["onboarded"] == 1
    assert [failed["row"] for failed in said["failed"]] == [3]
    assert "another last name" in said["failed"][0]["why"][0]
    assert PaymentSetup.objects.get().auto_renewal


def test_a_file_of_others_is_not_there(member: Membership, tmp_path: Path) -> None:
    other = make_member(make_organization(), email="robin@elsewhere.example")
    file = tmp_path / "hires.csv"
    file.write_bytes(as_csv([row(0)]))
    told(member, import_.command, "producer", str(file))
    with pytest.raises(CannotDoIt, match="You have no file of producers"):
        told(other, onboard.command, str(Operation.objects.get().pk), *PAYS)
