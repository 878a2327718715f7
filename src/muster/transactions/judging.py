"""Judging transactions again: before they are sent, when they are reopened, and when they are retried."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from muster.core.eligibility import NOT_IN_FORCE, Check, Failure, Opened, Person, Verdict, judge
from muster.core.terminating import Listed
from muster.core.transactions import LICENSE_KINDS, OPEN, WAITING, Status, TransactionKind
from muster.transactions.facts import listed_of, lock_producers, people_of
from muster.transactions.license_judging import Place, open_places, place_of, why_not
from muster.transactions.models import Transaction
from muster.transactions.terms import Setup, setup_of

Kept = list[list[object]]


@dataclass(frozen=True, slots=True)
class Judgment:
    """Where a transaction would begin today, why it may not be filed, and on which license it rests."""

    status: Status
    reason: str = ""
    failures: Kept | None = None
    just_in_time: bool = False
    license_id: int | None = None
    license_number: str = ""


def judge_transactions(*, ids: Collection[int], today: date) -> dict[int, Judgment]:
    """Judge appointments, their ends, and licenses again by what is known and set up today; by id.

    None counts as open against itself. What is not open yet and comes out good counts as open for those after
    it, in the order of their ids. Locks the producers in
    the caller's transaction; a constant number of queries for each organization.
    """
    found: dict[int, Judgment] = {}
    rows = Transaction.objects.filter(id__in=list(ids)).select_related("batch").order_by("id")
    by_organization: dict[int, list[Transaction]] = {}
    for one in rows:
        by_organization.setdefault(one.organization_id, []).append(one)
    for organization_id, some in by_organization.items():
        found |= _judge(setup_of(organization_id, today=today), some)
    return found


def _judge(setup: Setup, transactions: Collection[Transaction]) -> dict[int, Judgment]:
    ids = sorted({one.producer_id for one in transactions})
    lock_producers(ids)
    states = {one.jurisdiction for one in transactions}
    cocodes = {one.cocode for one in transactions}
    people = people_of(ids, states=states, cocodes=cocodes)
    found: dict[int, Judgment] = {}
    if ends := [one for one in transactions if one.kind == TransactionKind.TERMINATION]:
        listed = listed_of(ids, states=sorted(states), cocodes=sorted(cocodes))
        found |= _judge_ends(ends, listed)
    for kind in LICENSE_KINDS:
        if some := [one for one in transactions if one.kind == kind]:
            found |= _judge_licenses(some, people, open_places(kind, ids), setup.today)
    for one in transactions:
        if one.pk in found:
            continue
        judgment = found[one.pk] = _judgment(setup, one, people.get(one.producer_id))
        person = people.get(one.producer_id)
        if person and judgment.status in WAITING and one.status not in OPEN:
            person.opened.append(
                Opened(
                    one.number,
                    one.jurisdiction,
                    one.cocode,
                    one.line_code,
                    one.line_name,
                    one.county,
                    one.class_code,
                    judgment.license_number,
                )
            )
    return found


def _judge_ends(
    transactions: Collection[Transaction], listed: Mapping[int, Collection[Listed]]
) -> dict[int, Judgment]:
    """Whether each appointment that is to end is in force, and by whom else it is being ended."""
    by_line = {
        (producer_id, one.state, one.cocode, one.line_code, one.line_name, one.county): one
        for producer_id, of_producer in listed.items()
        for one in of_producer
    }
    found: dict[int, Judgment] = {}
    for one in transactions:
        key = (
            *(one.producer_id, one.jurisdiction, one.cocode),
            *(one.line_code, one.line_name, one.county),
        )
        appointment = by_line.get(key)
        if appointment is None or not appointment.is_in_force:
            found[one.pk] = Judgment(Status.NOT_ELIGIBLE, NOT_IN_FORCE, [[NOT_IN_FORCE, {}]])
        elif appointment.ended_by not in (None, one.number):
            failure: list[object] = [Check.OPEN_TRANSACTION.value, {"transaction": appointment.ended_by}]
            found[one.pk] = Judgment(Status.NOT_ELIGIBLE, Check.OPEN_TRANSACTION.value, [failure])
        else:
            status = Status(one.status) if one.status in OPEN else Status.READY
            found[one.pk] = Judgment(status)
            by_line[key] = appointment._replace(ended_by=one.number)
    return found


def _judge_licenses(
    transactions: Collection[Transaction],
    people: Mapping[int, Person],
    opened: dict[Place, int],
    today: date,
) -> dict[int, Judgment]:
    """Whether each license is still to be applied for, or renewed, and whether that is under way already."""
    found: dict[int, Judgment] = {}
    for one in transactions:
        failure = why_not(one, people.get(one.producer_id), opened=opened, today=today)
        if failure:
            found[one.pk] = Judgment(Status.NOT_ELIGIBLE, failure[0], [list(failure)])
        else:
            found[one.pk] = Judgment(Status(one.status) if one.status in OPEN else Status.READY)
            opened[place_of(one)] = one.number
    return found


def _judgment(setup: Setup, one: Transaction, person: Person | None) -> Judgment:
    if one.kind != TransactionKind.APPOINTMENT or not one.line_name or person is None:
        # The answer to a whole request has no line that could come to be good.
        status = Status(one.status) if one.status in OPEN else Status.NOT_ELIGIBLE
        return Judgment(
            status, one.reason, one.failures, one.just_in_time, one.license_id, one.license_number
        )
    plan = setup.terms.plan(
        state=one.jurisdiction,
        cocode=one.cocode,
        categories=tuple(one.categories),
        agent_type=str(one.batch.request.get("agent_type", "producer")),
    )
    opened = person.opened
    person.opened = [other for other in opened if other.number != one.number]
    try:
        verdicts = judge(plan, person, today=setup.today, county=one.county)
    finally:
        person.opened = opened
    verdict = _of_line(one, verdicts)
    if verdict is None:
        failure: list[object] = [
            Check.NO_BUSINESS_RULE.value,
            {"state": one.jurisdiction, "categories": ";".join(one.categories)},
        ]
        return Judgment(Status.NOT_ELIGIBLE, Check.NO_BUSINESS_RULE.value, [failure])
    return Judgment(
        verdict.status,
        verdict.reason,
        [[failure.check.value, dict(failure.params)] for failure in verdict.failures],
        verdict.status is Status.HELD,
        verdict.license.id if verdict.license else None,
        verdict.license.number if verdict.license else "",
    )


def _of_line(one: Transaction, verdicts: Collection[Verdict]) -> Verdict | None:
    """The verdict on the transaction's own line and license; that on the request where it has none by now."""
    whole = next((verdict for verdict in verdicts if verdict.line is None), None)
    if whole:
        return whole
    mine = [
        verdict
        for verdict in verdicts
        if verdict.line
        and verdict.line.line.line_code == one.line_code
        and verdict.line.line.line_name == one.line_name
        and verdict.line.line.class_code == one.class_code
    ]
    for verdict in mine:
        if verdict.license and one.license_number and verdict.license.number == one.license_number:
            return verdict
    if one.license_number and mine and mine[0].license:
        # Another license holds the line by now; what was asked to rest on this one no longer does.
        return Verdict(mine[0].line, None, Status.NOT_ELIGIBLE, LOST)
    return mine[0] if mine else None


LOST = (Failure(Check.LINE_NOT_HELD),)
