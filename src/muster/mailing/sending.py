"""Mailing producers that are ticked in a list, or all that it holds: each gets a text of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.kinds import Judge, Row, SelectionKind, Span
from muster.bulk.models import Item, Operation, Outcome
from muster.bulk.queries import starter_of
from muster.bulk.states import GOOD
from muster.core.acting import GONE, NOT_PERMITTED
from muster.core.findings import Severity
from muster.core.mailing import FIELDS, LONGEST_TEXT, Problem, Text, read
from muster.mailing.catalogue import (
    BAD_ADDRESS,
    NO_ADDRESS,
    NOT_KNOWN,
    NOTHING_WRITTEN,
    OPTED_OUT,
    REMOVED,
    SAME_ADDRESS,
)
from muster.mailing.queries import KIND, Person, mails_of, people_of
from muster.notices.models import Email
from muster.notices.operations import queue_mailing
from muster.notices.opting_out import opted_out_among
from muster.transactions.actions.items import mark_done, refuse

SUBJECT, BODY = "subject", "body"
"""Parameters of the operation: what the mails say, with their fields."""

LONGEST_SUBJECT = 150


class Letter(NamedTuple):
    """What a mailing says, read."""

    subject: Text
    body: Text

    @property
    def missing_in(self) -> Text:
        """Both as one text, for what they lack."""
        return Text([*self.subject.parts, *self.body.parts], [])

    def to(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Subject and body for one person."""
        return self.subject.filled(values), self.body.filled(values)


def problems_in(subject: str, body: str) -> list[str]:
    """What is to be mended before a text can be sent, in sentences with their places."""
    found = [f"Subject, {_told(problem)}" for problem in read(subject).problems]
    found += [f"Text, {_told(problem)}" for problem in read(body).problems]
    if not subject.strip():
        found.append("Give the mail a subject.")
    if not body.strip():
        found.append("Write what the mail says.")
    if len(subject) > LONGEST_SUBJECT:
        found.append(f"The subject has {len(subject)} characters; write at most {LONGEST_SUBJECT}.")
    if len(body) > LONGEST_TEXT:
        found.append(f"The text has {len(body):,} characters; write at most {LONGEST_TEXT:,}.")
    return found


def _told(problem: Problem) -> str:
    return f"line {problem.line}, character {problem.column}: {problem.words}"


def letter_of(params: Mapping[str, Any]) -> Letter | None:
    """What a mailing says, by the parameters of its operation; None where that cannot be sent."""
    subject, body = str(params.get(SUBJECT, "")), str(params.get(BODY, ""))
    return None if problems_in(subject, body) else Letter(read(subject), read(body))


class SendEmail(SelectionKind):
    """Puts a mail to each of many producers into the outbox."""

    name = "send-email"
    label = "Send Email"
    permission = Permission.SEND_MAIL
    target = "producer"
    one = "producer"
    many = "producers"
    chunk = 2_000
    verb = "Send Email"
    done = "queued"
    note = (
        "Each gets a mail of their own, with nobody else’s address in it. Replies come to you. Whoever opts "
        "out by the link in it gets no more mailings of your organization."
    )
    not_allowed = frozenset({NOT_PERMITTED})

    def judge(self, operation: Operation) -> Judge:
        return _Judge(operation)

    def judge_together(self, operation: Operation) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AN_ADDRESS, {"operation": operation.pk, "code": SAME_ADDRESS})

    def preview(self, operation: Operation) -> dict[str, int]:
        return {Outcome.UPDATED.value: Item.objects.filter(operation=operation, state__in=GOOD).count()}

    def apply(self, span: Span) -> None:
        operation = span.operation
        items = Item.objects.filter(
            operation=operation, row_no__range=(span.first, span.last), state__in=GOOD
        )
        rows = [
            Row(row_no, [], {}, target_id=target)
            for row_no, target in items.order_by("row_no").values_list("row_no", "target_id")
        ]
        judge = _Judge(operation)
        people = judge.judge_as_now(rows)
        good = [row for row in rows if not _is_refused(row)]
        # An address that somebody has in another chunk since the check gets one mail all the same.
        went = _put_into_outbox(operation, judge, [people[row.target_id or 0] for row in good])
        for row in good:
            if row.target_id not in went:
                row.find(SAME_ADDRESS)
        refuse(operation, [found for row in rows if _is_refused(row) for found in row.findings])
        done = {
            row.row_no: _addressed(people[row.target_id or 0], went[row.target_id])
            for row in good
            if row.target_id in went
        }
        if done:
            mark_done(operation, list(done), results=done)

    def foresee(self, data: Mapping[str, Any]) -> str:
        if "to" not in data:
            return ""
        return f"To {data['to']}, as they prefer" if data.get("preferred") else f"To {data['to']}"

    def say(self, result: Mapping[str, Any]) -> str:
        return self.foresee(result)


def _addressed(person: Person, to: str) -> dict[str, Any]:
    """To which address a mail goes, and whether it is the one that the person prefers."""
    return {"to": to, "preferred": True} if person.is_preferred else {"to": to}


def _put_into_outbox(operation: Operation, judge: _Judge, people: Sequence[Person]) -> dict[int | None, str]:
    """Write a mail to each of them; return to which address one went, by producer."""
    sender, letter = judge.sender, judge.letter
    if sender is None or letter is None or not people:
        return {}
    mails = []
    for person in people:
        subject, text = letter.to(person.values)
        mails.append(
            Email(
                organization_id=operation.organization_id,
                kind=KIND,
                to=person.address,
                subject=subject,
                text=text,
                from_name=sender.organization.name,
                reply_to=sender.user.email,
                producer_id=person.producer_id,
                operation_id=operation.pk,
            )
        )
    queue_mailing(mails)
    ids = [person.producer_id for person in people]
    went = mails_of(operation.pk, operation.organization_id).filter(producer_id__in=ids)
    return dict(went.values_list("producer_id", "to"))


class _Judge(Judge):
    """Judges whether somebody can get the mail, and what is lacking for its fields."""

    def __init__(self, operation: Operation) -> None:
        self._today = timezone.localdate()
        self._organization_id = operation.organization_id
        self.letter = letter_of(operation.params)
        self.sender = _sender_of(operation)

    def judge(self, rows: Sequence[Row]) -> None:
        people = self.judge_as_now(rows)
        for row in rows:
            if row.findings or self.letter is None:
                continue
            person = people[row.target_id or 0]
            row.data = _addressed(person, person.address)
            row.key = person.address.lower()
            for field in self.letter.missing_in.missing(person.values):
                row.find(NOT_KNOWN, field=FIELDS[field])

    def judge_as_now(self, rows: Sequence[Row]) -> dict[int, Person]:
        """Find what stands against each, as things are now; return whom they are about."""
        if self.sender is None:
            for row in rows:
                row.find(NOT_PERMITTED)
            return {}
        ids = [row.target_id for row in rows if row.target_id is not None]
        people = people_of(self.sender, ids, today=self._today)
        addresses = set[str]().union(*(person.addresses for person in people.values()))
        unwanted = opted_out_among(self._organization_id, addresses)
        for row in rows:
            self._judge(row, people.get(row.target_id or 0), unwanted)
        return people

    def _judge(self, row: Row, person: Person | None, unwanted: set[str]) -> None:
        if person is None:
            row.find(GONE)
        elif person.is_removed:
            row.find(REMOVED)
        elif not person.written_address.strip():
            row.find(NO_ADDRESS)
        elif not person.address:
            row.find(BAD_ADDRESS, field="Email", value=person.written_address)
        elif not unwanted.isdisjoint({*person.addresses, person.address.lower()}):
            row.find(OPTED_OUT)
        elif self.letter is None:
            row.find(NOTHING_WRITTEN)


def _is_refused(row: Row) -> bool:
    return any(found.severity is Severity.ERROR for found in row.findings)


def _sender_of(operation: Operation) -> Membership | None:
    sender = starter_of(operation)
    return sender if sender is not None and sender.may(Permission.SEND_MAIL) else None


# Who had a mail before stays the one who has it; else it is the first in the order of the selection.
_ONE_AN_ADDRESS = """
WITH twin AS (
    SELECT row_no, state,
        row_number() OVER (PARTITION BY key ORDER BY (state = 'applied') DESC, row_no) AS place
    FROM bulk_item
    WHERE operation_id = %(operation)s AND state IN ('ok', 'warned', 'applied')
),
later AS (SELECT row_no FROM twin WHERE place > 1 AND state <> 'applied'),
noted AS (
    INSERT INTO bulk_finding (operation_id, row_no, code, severity, params)
    SELECT %(operation)s, row_no, %(code)s, 'error', '{}' FROM later
)
UPDATE bulk_item AS item SET state = 'rejected', outcome = 'rejected'
FROM later WHERE item.operation_id = %(operation)s AND item.row_no = later.row_no
"""
