"""Appointing and filing from a terminal: the operations of the pages, their words, and their exit codes."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from muster.access.permissions import Role
from muster.bulk.models import Operation
from muster.config.errors import CannotDoIt
from muster.transactions.models import Transaction
from tests.make import make_member
from tests.transactions.appointing import (
    CALIFORNIA,
    make_californian,
    make_carrier_desk,
    make_synced,
    told,
)

pytestmark = pytest.mark.django_db

LIFE_AND_HEALTH = ["--state", "CA", "--cocode", "90101", "--category", "life", "--category", "health"]


def muster(name: str, *options: str) -> Result:
    command: click.Command = import_module(f"muster.cli.commands.{name}").command
    return CliRunner().invoke(command, list(options), standalone_mode=False, catch_exceptions=False)


def report_of(result: Result) -> dict[str, Any]:
    return json.loads(result.stdout)


def test_california_life_and_health_makes_the_four_transactions_of_the_example() -> None:
    member, company = make_carrier_desk()
    company.categories = ["property"]
    company.save()
    producer = make_californian(member)
    result = muster("appoint", "--npn", producer.npn, *LIFE_AND_HEALTH)
    assert result.return_value == 0
    lines = [line for line in result.stdout.splitlines() if line.startswith("GT-")]
    assert lines == [
        f"GT-0000000{place}  {producer.npn:<10}  CA  90101  {'Not Eligible':<16}  {name}: "
        "Company Does Not Appoint for requested loas"
        for place, (_, name, _) in enumerate(CALIFORNIA, 1)
    ]


def test_a_preview_writes_nothing_and_tells_fees() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, (0,))
    result = muster("appoint", "--npn", producer.npn, *LIFE_AND_HEALTH, "--preview")
    assert "Ready to Submit   Life: In Good Standing; fees: state $32.00, registry unknown" in result.stdout
    assert result.stdout.endswith("Nothing was written.\n")
    told_ = report_of(muster("appoint", "--npn", producer.npn, *LIFE_AND_HEALTH, "--preview", "--json"))
    assert [line["status"] for line in told_["lines"]] == ["ready", *["not_eligible"] * 3]
    assert told_["forecast"]["statuses"] == {"ready": 1, "not_eligible": 3}
    assert not Operation.objects.exists()
    assert not Transaction.objects.exists()


def test_appoint_tells_the_operation_its_findings_and_its_transactions_as_one_object() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, (0, 1))
    report = report_of(muster("appoint", "--npn", producer.npn, *LIFE_AND_HEALTH, "--json"))
    assert report["kind"] == "appoint"
    assert (report["rows"], report["outcomes"]["created"], report["findings"]) == (1, 1, [])
    assert report["transactions"] == {"not_eligible": 2, "ready": 2}
    assert [line["line"] for line in report["lines"]] == [name for _, name, _ in CALIFORNIA]


@pytest.mark.parametrize(
    ("over", "code", "words"),
    [
        ({"--npn": "4999999"}, "APP-E001", "No producer of yours"),
        ({"--state": "FL"}, "APP-E004", "Florida needs a county"),
        ({"--state": "Calif."}, "STATE-E002", "Did you mean CA?"),
        ({"--effective-on": "soon"}, "DATE-E001", "Effective Date"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_with_the_reason(
    over: dict[str, str], code: str, words: str
) -> None:
    member, _ = make_carrier_desk()
    asked = {"--npn": make_synced(member).npn, "--state": "CA", "--cocode": "90101", "--category": "life"}
    options = [text for pair in (asked | over).items() for text in pair]
    result = muster("appoint", *options)
    assert (result.return_value, Transaction.objects.count()) == (1, 0)
    assert words in result.stderr
    assert [found["code"] for found in report_of(muster("appoint", *options, "--json"))["findings"]] == [code]


def test_lines_can_be_left_out_and_the_same_request_again_makes_nothing_new() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member)
    options = ("--npn", producer.npn, *LIFE_AND_HEALTH, "--leave-out", "Part-Time Fraternal")
    muster("appoint", *options)
    assert [line for line, *_ in told(producer)] == [name for _, name, _ in CALIFORNIA[:3]]
    assert "nothing new was made" in muster("appoint", *options).stdout
    assert len(told(producer)) == 3


def test_the_ledger_is_shown_by_status_and_as_one_object() -> None:
    member, _ = make_carrier_desk()
    for held in ((0, 1), ()):
        muster("appoint", "--npn", make_californian(member, held).npn, *LIFE_AND_HEALTH)
    shown = muster("transactions", "--status", "ready").stdout.splitlines()
    assert [line[:11] for line in shown] == ["GT-00000001", "GT-00000002"]
    report = report_of(muster("transactions", "--json"))
    assert report["counts"] == {"not_eligible": 6, "ready": 2}
    assert len(report["transactions"]) == 8
    assert "more" in muster("transactions", "--limit", "3").stdout


def test_transactions_are_closed_reopened_and_canceled_with_their_reasons() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, (0, 1))
    muster("appoint", "--npn", producer.npn, *LIFE_AND_HEALTH)
    closed = muster("close", "--status", "not_eligible", "--reason", "Not wanted")
    assert closed.return_value == 0
    assert closed.stdout.startswith("2 transactions closed, 0 not.")
    assert set(Transaction.objects.filter(status="closed").values_list("note", flat=True)) == {"Not wanted"}
    assert muster("reopen", "--status", "closed").stdout.startswith("2 transactions reopened")
    muster("cancel", "--number", "GT-00000001", "--reason", "Too early")
    assert [status for _, status, _ in told(producer)] == ["canceled", "ready", *["not_eligible"] * 2]


def test_what_cannot_be_done_is_told_with_its_reason_and_changes_nothing() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, (0,))
    muster("appoint", "--npn", producer.npn, *LIFE_AND_HEALTH)
    before = told(producer)
    result = muster("retry", "--npn", producer.npn)
    assert result.return_value == 1
    assert "0 transactions retried, 4 not." in result.stdout
    assert "It is Ready to Submit." in result.stderr
    assert "It is Not Eligible." in result.stderr
    assert told(producer) == before


def test_submit_lets_go_what_is_ready_and_check_only_says_so() -> None:
    member, _ = make_carrier_desk()
    muster("appoint", "--npn", make_californian(member).npn, *LIFE_AND_HEALTH)
    assert "4 transactions would be submitted" in muster("submit", "--all-ready", "--check").stdout
    assert not Transaction.objects.filter(released_at__isnull=False).exists()
    report = report_of(muster("submit", "--all-ready", "--json"))
    assert report["outcomes"]["updated"] == 4
    assert Transaction.objects.filter(released_at__isnull=False).count() == 4
    assert "No transaction is chosen" not in muster("submit", "--all-ready").stdout


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("submit", (), "Say which"),
        ("transactions", ("--number", "GT-00000099"), "There is no transaction GT-00000099."),
        ("transactions", ("--number", "x"), "write it as GT-00000001"),
        ("transactions", ("--npn", "x"), "is not an NPN"),
        ("transactions", ("--state", "Q9"), "is not a state"),
        ("transactions", ("--cocode", "x"), "is not a CoCode"),
    ],
)
def test_options_that_make_no_sense_are_told_in_a_sentence(
    name: str, options: tuple[str, ...], words: str
) -> None:
    make_carrier_desk()
    with pytest.raises(CannotDoIt, match=words.replace(".", r"\.")):
        muster(name, *options)


def test_who_may_not_release_filings_submits_nothing() -> None:
    member, _ = make_carrier_desk()
    specialist = make_member(member.organization, Role.SPECIALIST)
    muster("appoint", "--npn", make_californian(member).npn, *LIFE_AND_HEALTH)
    with pytest.raises(CannotDoIt, match="Licensing Specialist"):
        muster("submit", "--all-ready", "--as", specialist.user.email)
    assert not Transaction.objects.filter(released_at__isnull=False).exists()


def test_transactions_of_another_organization_are_neither_shown_nor_touched() -> None:
    member, _ = make_carrier_desk()
    other, _ = make_carrier_desk()
    theirs = make_californian(other)
    slug = ("--organization", other.organization.slug)
    muster("appoint", "--npn", theirs.npn, *LIFE_AND_HEALTH, *slug)
    ours = ("--organization", member.organization.slug)
    assert muster("transactions", *ours).stdout == ""
    assert "No transaction is chosen" in muster("close", "--status", "ready", "--reason", "x", *ours).stdout
    assert {status for _, status, _ in told(theirs)} == {"ready"}
