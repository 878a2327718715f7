"""Whoever started an operation is told what became of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from muster.access.models import Membership
from muster.bulk.hooks import run_finish_hooks
from muster.bulk.models import Operation, OperationState, Policy
from muster.notices.models import Email
from muster.notices.words import ActionCompletion, Completion, duration
from tests.make import make_member

MAIL = """\
Agent import of June.xlsx is done.

Created           4,812
Rejected             31

31 rows were rejected. Open the results to see why, download the rejected rows alone, mend them and upload \
that file.

Results: LINK

File:         June.xlsx
Rows:         4,843, and 7 blank skipped
Started by:   Robin Field
Organization: {organization}
Took:         1 minute 12 seconds
Finished:     July 1, 2026, 11:04 AM EDT

--
You get this mail because you started this operation in Muster.
"""
NOW = datetime(2026, 7, 1, 15, 4, tzinfo=UTC)


def completion(**over: Any) -> Completion:
    return Completion(
        **{
            "title": "Agent import",
            "source_name": "June.xlsx",
            "organization": "Harbor Insurance",
            "starter": "Robin Field",
            "link": "https://muster.example/imports/1/",
            "outcomes": {"created": 4_812, "updated": 0, "rejected": 31},
            "rows": 4_843,
            "blank": 0,
            "all_or_nothing": False,
            "canceled": False,
            "took": timedelta(seconds=72),
            "finished_at": NOW,
            **over,
        }
    )


@pytest.mark.parametrize(
    ("over", "subject"),
    [
        ({}, "Agent import: 4,812 created, 31 rejected"),
        ({"outcomes": {"unchanged": 3, "created": 0}}, "Agent import: 3 unchanged"),
        (
            {"outcomes": {"rejected": 5, "duplicate": 4, "unchanged": 3, "updated": 2, "created": 1}},
            "Agent import: 1 created, 2 updated, 3 unchanged, 4 duplicate, 5 rejected",
        ),
        ({"outcomes": {}}, "Agent import: no rows"),
        ({"canceled": True, "outcomes": {"created": 1_200}}, "Agent import canceled: 1,200 created"),
        (
            {"all_or_nothing": True, "outcomes": {"rejected": 1}},
            "Agent import: nothing written, 1 row rejected",
        ),
        ({"all_or_nothing": True, "outcomes": {"created": 9}}, "Agent import: 9 created"),
        # Good rows at first, then the rest by all or nothing.
        (
            {"all_or_nothing": True, "outcomes": {"created": 1, "rejected": 1}},
            "Agent import: 1 created, 1 rejected",
        ),
        (
            {"all_or_nothing": True, "outcomes": {"unchanged": 2, "rejected": 1}},
            "Agent import: 2 unchanged, 1 rejected",
        ),
    ],
)
def test_the_subject_tells_the_counts(over: dict[str, Any], subject: str) -> None:
    assert completion(**over).subject == subject


@pytest.mark.parametrize(
    ("over", "beginning"),
    [
        ({}, "31 rows were rejected. Open the results to see why, download the rejected rows alone"),
        ({"outcomes": {"created": 1}}, ""),
        ({"outcomes": {"created": 1, "rejected": 1}}, "1 row was rejected."),
        (
            {"all_or_nothing": True, "outcomes": {"created": 1, "rejected": 1}},
            "1 row was rejected. Open the results to see why, download the rejected rows alone",
        ),
        (
            {"all_or_nothing": True, "outcomes": {"rejected": 31}},
            "31 rows were rejected, and you chose all or nothing: nothing was written.",
        ),
        ({"canceled": True}, "What was written before stays."),
    ],
)
def test_the_next_step_fits_the_outcome(over: dict[str, Any], beginning: str) -> None:
    told = completion(**over).next_step
    assert told.startswith(beginning)
    assert bool(told) == bool(beginning)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "less than a second"),
        (0.4, "less than a second"),
        (1, "1 second"),
        (59.6, "1 minute"),
        (72, "1 minute 12 seconds"),
        (3_600, "1 hour"),
        (3_601, "1 hour"),
        (7_325, "2 hours 2 minutes"),
        (90_000, "1 day 1 hour"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


def make_operation(member: Membership, **over: Any) -> Operation:
    now = timezone.now()
    return Operation.objects.create(
        **{
            "id": uuid4(),
            "organization": member.organization,
            "by": member.user,
            "kind": "agent",
            "state": OperationState.DONE_WITH_FAILURES,
            "source_name": "June <b>appointments</b>.xlsx",
            "outcomes": {"created": 4_812, "rejected": 31},
            "rows": 4_843,
            "blank": 7,
            "started_at": now - timedelta(seconds=72),
            "finished_at": now,
            **over,
        }
    )


def finish(operation: Operation) -> None:
    assert operation.finished_at is not None
    run_finish_hooks(operation, operation.finished_at)


@pytest.mark.django_db
def test_the_starter_gets_a_mail_with_counts_and_a_link(settings: Any) -> None:
    settings.MUSTER_SITE_URL = "https://muster.example"
    member = make_member(name="Robin Field")
    operation = make_operation(member)
    finish(operation)
    mail = Email.objects.get()
    assert (mail.to, mail.organization_id) == (member.user.email, member.organization_id)
    assert mail.operation_id == operation.pk
    assert mail.subject == "Agent import: 4,812 created, 31 rejected"
    for body in (mail.text, mail.html):
        for told in ("4,812", "31 rows were rejected", "4,843, and 7 blank skipped", "Robin Field"):
            assert told in body
        assert "1 minute 12 seconds" in body
        assert "https://muster.example" in body
    assert "June <b>appointments</b>.xlsx" in mail.text
    assert "June &lt;b&gt;appointments&lt;/b&gt;.xlsx" in mail.html


@pytest.mark.django_db
def test_the_html_loads_nothing_from_elsewhere() -> None:
    finish(make_operation(make_member()))
    html = Email.objects.get().html
    for tag in ("<img", "<script", "<link", "<iframe", "url(", "@import"):
        assert tag not in html


@pytest.mark.django_db
def test_the_same_end_is_told_once_and_another_end_again() -> None:
    operation = make_operation(make_member())
    finish(operation)
    finish(operation)
    assert Email.objects.count() == 1
    operation.finished_at += timedelta(minutes=5)
    finish(operation)
    assert Email.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("over", [{"by": None}, {"state": OperationState.CANCELED, "started_at": None}])
def test_nobody_is_told_where_nobody_waits_for_it(over: dict[str, Any]) -> None:
    finish(make_operation(make_member(), **over))
    assert not Email.objects.exists()


@pytest.mark.django_db
def test_a_whole_mail_reads_well(settings: Any) -> None:
    settings.MUSTER_SITE_URL = "https://muster.example"
    member = make_member(name="Robin Field", email="robin@harbor.example")
    operation = make_operation(
        member,
        source_name="June.xlsx",
        policy=Policy.GOOD_ROWS,
        finished_at=NOW,
        started_at=NOW - timedelta(seconds=72),
    )
    finish(operation)
    link = next(line for line in Email.objects.get().text.splitlines() if line.startswith("Results: "))
    told = Email.objects.get().text.replace(link, "Results: LINK")
    assert told == MAIL.format(organization=member.organization.name)


@pytest.mark.parametrize(
    ("over", "subject", "headline", "next_step"),
    [
        ({}, "Close transactions: 12 closed", "12 transactions were closed.", ""),
        (
            {"outcomes": {"updated": 1, "rejected": 2}},
            "Close transactions: 1 closed, 2 left out",
            "1 transaction was closed.",
            "2 transactions were left out. Open the results to see why.",
        ),
        (
            {"canceled": True},
            "Close transactions canceled: 12 closed",
            "Close transactions was stopped.",
            "What was done before stays. Open the results to see what is left, and go on from there.",
        ),
    ],
)
def test_an_action_is_told_in_its_own_words(
    over: dict[str, Any], subject: str, headline: str, next_step: str
) -> None:
    told = ActionCompletion(
        **{
            "title": "Close transactions",
            "source_name": "",
            "organization": "Harbor Insurance",
            "starter": "Robin Field",
            "link": "https://muster.example/operations/1/",
            "outcomes": {"updated": 12},
            "rows": 12,
            "blank": 0,
            "all_or_nothing": False,
            "canceled": False,
            "took": timedelta(seconds=3),
            "finished_at": NOW,
            "things": "transaction,transactions",
            "done": "closed",
            **over,
        }
    )
    assert (told.subject, told.headline, told.next_step) == (subject, headline, next_step)
    assert told.facts[0] == ("Transactions", "12")
