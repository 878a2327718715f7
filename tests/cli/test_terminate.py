"""`muster import terminate`: its batches, and submitting at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from muster.access.models import Membership
from muster.cli.commands.import_ import command
from muster.config.errors import CannotDoIt
from muster.transactions.models import Batch, Transaction
from tests.bulk.uploads import as_csv
from tests.make import make_appointment, make_company, make_member, make_producer
from tests.transactions.acting import demand
from tests.transactions.test_terminate import HEADER, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    made = make_member()
    make_company(made.organization)
    return made


def run(member: Membership, folder: Path, *options: str, kind: str = "terminate") -> Result:
    """End an appointment of each of two producers."""
    producers = [make_producer(member.organization) for _ in range(2)]
    for one in producers:
        make_appointment(one)
    file = folder / "ends.csv"
    file.write_bytes(as_csv(map(row, producers), HEADER))
    return CliRunner().invoke(command, [kind, str(file), *options], standalone_mode=False)


def test_without_a_word_there_is_a_batch_for_each_state_and_company(
    member: Membership, tmp_path: Path
) -> None:
    assert run(member, tmp_path).return_value == 0
    assert list(Batch.objects.values_list("jurisdiction", "cocode")) == [("CA", "90101")]
    assert not Transaction.objects.filter(released_at__isnull=False).exists()


def test_all_in_one_and_submitted_at_once(member: Membership, tmp_path: Path) -> None:
    assert run(member, tmp_path, "--batches", "one", "--submit").return_value == 0
    batch = Batch.objects.get()
    assert (batch.jurisdiction, batch.cocode, batch.state) == ("", "", "submitted")
    assert Transaction.objects.filter(released_by=member.user).count() == 2


def test_what_is_held_back_is_told(member: Membership, tmp_path: Path) -> None:
    demand(member.organization, two_person_release=True)
    told = run(member, tmp_path, "--submit")
    assert "2 filings were not submitted at once, because two persons have to see each filing." in told.output


def test_other_kinds_take_neither(member: Membership, tmp_path: Path) -> None:
    answer = run(member, tmp_path, "--submit", kind="appoint")
    assert isinstance(answer.exception, CannotDoIt)
