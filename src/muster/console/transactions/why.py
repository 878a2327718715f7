"""Why a verdict was given: each check in its order, with what was known when it was made, and the rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from muster.console.rules.links import rule_url
from muster.console.transactions.facts import TOLD
from muster.core.eligibility import CHECKS, Check, label_of
from muster.core.eligibility.checks import QUESTIONS
from muster.core.rules.keys import TOPICS
from muster.core.rules.rule import Standing
from muster.core.transactions import TransactionKind, number_told
from muster.transactions.models import Transaction
from muster.transactions.queries import Record

NOT_ASKED_AFTER: Mapping[Check, frozenset[Check]] = {
    Check.STATE_NOT_SET: frozenset({Check.COCODE_NOT_FOUND}),
    Check.COMPANY_LACKS_LOA: frozenset({Check.COCODE_NOT_FOUND}),
    Check.LICENSE_NOT_ACTIVE: frozenset({Check.LICENSE_NOT_FOUND}),
    Check.LINE_NOT_HELD: frozenset({Check.LICENSE_NOT_FOUND, Check.LICENSE_NOT_ACTIVE}),
}
"""What cannot be asked once another check has failed."""

OF_A_LINE = frozenset({Check.LINE_NOT_HELD, Check.ALREADY_APPOINTED, Check.OPEN_TRANSACTION})
"""What is asked of a line, and not of a whole request."""

RULE = re.compile(r"(?:us|own)/(?P<state>[a-z]{2})/(?P<topic>[a-z]+)#(?P<key>[a-z_]+)")


@dataclass(frozen=True, slots=True)
class Link:
    """Something that stood in the way, and its page."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: what it asks, whether it passed (None: it could not be asked), and on what facts.

    `label` is what a failure is called in the dictionary of reasons.
    """

    question: str
    passed: bool | None
    label: str = ""
    facts: Sequence[str] = ()
    links: Sequence[Link] = ()


@dataclass(frozen=True, slots=True)
class Cited:
    """A state rule that the verdict rests on, and the page that says where it comes from."""

    id: str
    meaning: str
    url: str


def checks_of(record: Record) -> list[Checked]:
    """Every check in its order; none for what is no appointment."""
    if record.transaction.kind != TransactionKind.APPOINTMENT:
        return []
    return [_checked(check, record) for check in CHECKS]


def _checked(check: Check, record: Record) -> Checked:
    one, failures = record.transaction, record.failures
    failed = failures.get(check)
    if failed is None and (
        not NOT_ASKED_AFTER.get(check, frozenset()).isdisjoint(failures)
        or (check in OF_A_LINE and not one.line_name)
    ):
        return Checked(QUESTIONS[check], None)
    told = list(TOLD[check](one, one.batch.facts or {}, failed))
    if failed is None:
        return Checked(QUESTIONS[check], True, facts=told)
    return Checked(QUESTIONS[check], False, label_of(check, failed), told, _links(record, failed))


def _links(record: Record, failed: Mapping[str, Any]) -> list[Link]:
    found = []
    if appointment := record.appointments.get(failed.get("appointment", 0)):
        page = reverse("producer-detail", args=[record.transaction.producer.npn])
        since = appointment.first_effective_on
        told = f", in force since {since:%b} {since.day}, {since.year}" if since else ""
        label = f"{appointment.company_name}, {appointment.line_name}{told}"
        found.append(Link(label, f"{page}#appointments"))
    if other := record.transactions.get(failed.get("transaction", 0)):
        url = reverse("transaction-detail", args=[other.number])
        found.append(Link(f"{number_told(other.number)}, {other.get_status_display()}", url))
    return found


def rules_of(transaction: Transaction) -> list[Cited]:
    """The state rules that the verdict rests on."""
    return [_cited(str(one)) for one in (transaction.batch.facts or {}).get("rules", ())]


def _cited(rule_id: str) -> Cited:
    found = RULE.match(rule_id)
    if found is None:
        return Cited(rule_id, rule_id, "")
    key = TOPICS.get(found["topic"], {}).get(found["key"])
    meaning = key.meaning if key else found["key"].replace("_", " ")
    if rule_id.endswith(f"@{Standing.UNKNOWN}"):
        meaning = f"{meaning} (nobody has told)"
    return Cited(rule_id.removesuffix(f"@{Standing.UNKNOWN}"), meaning, rule_url(rule_id))
