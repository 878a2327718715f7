"""Writing answers as batches and transactions: copied, a constant number of statements a slice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from muster.access.models import User
from muster.appointments.models import Appointment
from muster.bulk.store import as_json
from muster.core.appointing import Answer, Desk, failures_told, held_back
from muster.core.eligibility import License, label_of
from muster.core.transactions import STATUS_LABELS, WAITING, BatchState, Status, TransactionKind, number_told
from muster.transactions.holding_back import Budget
from muster.transactions.models import Transaction
from muster.transactions.releasing import release
from muster.transactions.settling import take_effect
from muster.transactions.sql import statement

BATCH_COLUMNS = (
    "id, organization_id, number, kind, state, producer_id, jurisdiction, cocode, company_name, request,"
    " facts, request_digest, verdict_digest, rules_version, operation_id, row_no, prepared_by_id"
)
BATCH_TYPES = (
    *("int8", "int8", "int8", "text", "text", "int8", "text", "text", "text", "text", "text"),
    *("uuid", "uuid", "text", "uuid", "int4", "int8"),
)
TRANSACTION_COLUMNS = (
    "organization_id, batch_id, number, kind, status, reason, failures, producer_id, jurisdiction, cocode,"
    " company_name, line_code, line_name, categories, class_code, license_id, license_number, county,"
    " appointment_type, effective_on, just_in_time, state_fee, registry_fee, prepared_by_id, released_by_id,"
    " released_at, next_at, decided_at"
)
TRANSACTION_TYPES = (
    *("int8", "int8", "int8", "text", "text", "text", "text", "int8", "text", "text"),
    *("text", "text", "text", "text[]", "text", "int8", "text", "text"),
    *("text", "date", "bool", "int4", "int4", "int8", "int8"),
    *("timestamptz", "timestamptz", "timestamptz"),
)


@dataclass(slots=True)
class Written:
    """What became of one request: transactions by status, and answers that were the same as before.

    `first` is the first number; `released` are those of the new ones that go to the registry, `let_go` those
    that were there already, and waited.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    first: int = 0
    released: int = 0
    let_go: int = 0
    let_go_fees: int = 0

    @property
    def made(self) -> int:
        """How many transactions were made."""
        return self.statuses.total()

    @property
    def told(self) -> dict[str, Any]:
        """As it is kept with the row."""
        return {
            "made": self.made,
            "statuses": dict(self.statuses),
            "reasons": dict(self.reasons.most_common(5)),
            "unchanged": self.unchanged,
            "first": self.first,
            "let_go": self.let_go,
            "let_go_fees": self.let_go_fees,
        }


def say_result(result: Mapping[str, Any]) -> str:
    """What became of a request, in a sentence."""
    let_go = int(result.get("let_go", 0))
    if not result.get("made"):
        went = f" {let_go:,} that waited were let go to the registry." if let_go else ""
        return f"The same request has the same answer as before.{went}"
    statuses = Counter({name: int(count) for name, count in result["statuses"].items()})
    refused = statuses.pop(Status.NOT_ELIGIBLE.value, 0)
    parts = [f"{count:,} {STATUS_LABELS[Status(name)]}" for name, count in statuses.most_common()]
    if refused:
        reasons = "; ".join(dict.fromkeys(label_of(code) for code in result.get("reasons", {})))
        why = f" ({reasons})" if reasons else ""
        # Last, with the reasons beside them.
        parts.append(f"{refused:,} {STATUS_LABELS[Status.NOT_ELIGIBLE]}{why}")
    count = int(result["made"])
    first = int(result["first"])
    which = number_told(first)
    if count > 1:
        which += f" to {number_told(first + count - 1)}"
    return f"{which}: {', '.join(parts)}."


def write_answers(
    answers: Iterable[Answer],
    *,
    desk: Desk,
    organization_id: int,
    operation_id: UUID | None,
    by_id: int | None,
    now: datetime,
    budget: Budget | None = None,
    mended_by: int | None = None,
) -> dict[int, Written]:
    """Write answers in the caller's transaction; say what became of each request, by its row number.

    `mended_by` is who else has changed what is asked for. The producers must be locked by the caller. Where
    the same request had the same answer before, and would have it go to the registry, what still waits of it
    is let go.
    """
    before = desk.made
    all_answers = _within(budget or Budget(None, None), list(answers))
    written: dict[int, Written] = {}
    new: list[Answer] = []
    again: list[Answer] = []
    for answer in all_answers:
        became = written.setdefault(answer.asked.row_no, Written())
        if answer.is_new and answer.lines:
            new.append(answer)
            continue
        became.unchanged += 1
        if any(line.released for line in answer.lines):
            again.append(answer)
    if again:
        _let_go(again, written, budget or Budget(None, None), operation_id, by_id, now)
    if not new:
        return written
    lines = sum(len(answer.lines) for answer in new)
    assert desk.made - before == lines, "every line has a number, in its order"  # noqa: S101
    with connection.cursor() as cursor:
        cursor.execute(
            statement("take_numbers"),
            {"organization": organization_id, "batches": len(new), "transactions": lines},
        )
        last_batch, last = cursor.fetchone()
        cursor.execute(statement("take_batch_ids"), [len(new)])
        ids = [batch_id for (batch_id,) in cursor.fetchall()]
        first = last - lines + 1
        with cursor.copy(f"COPY transactions_batch ({BATCH_COLUMNS}) FROM STDIN") as copy:
            copy.set_types(BATCH_TYPES)
            for place, (answer, batch_id) in enumerate(zip(new, ids, strict=True)):
                number = last_batch - len(new) + 1 + place
                copy.write_row(_batch(answer, batch_id, number, desk, organization_id, operation_id, by_id))
        number = first
        with cursor.copy(f"COPY transactions_transaction ({TRANSACTION_COLUMNS}) FROM STDIN") as copy:
            copy.set_types(TRANSACTION_TYPES)
            for answer, batch_id in zip(new, ids, strict=True):
                became = written[answer.asked.row_no]
                became.first = became.first or number
                for row in _transactions(
                    answer, batch_id, number, first - before, organization_id, mended_by or by_id, now, became
                ):
                    copy.write_row(row)
                number += len(answer.lines)
    if any(became.statuses[Status.RECORDED.value] for became in written.values()):
        recorded = Transaction.objects.filter(batch__in=ids, status=Status.RECORDED)
        take_effect(
            ids=list(recorded.order_by("id").values_list("id", flat=True)),
            origin=Appointment.Origin.INTERNAL.value,
            source=None,
            now=now,
        )
    return written


def _within(budget: Budget, answers: list[Answer]) -> list[Answer]:
    released = [line for answer in answers if answer.is_new for line in answer.lines if line.released]
    if not released or budget.take(
        len(released), sum((line.state_fee or 0) + (line.registry_fee or 0) for line in released)
    ):
        return answers
    return [held_back(answer) for answer in answers]


def _let_go(
    answers: Sequence[Answer],
    written: dict[int, Written],
    budget: Budget,
    operation_id: UUID | None,
    by_id: int | None,
    now: datetime,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            statement("waiting_of_requests"),
            {
                "producers": [answer.person.id for answer in answers],
                "digests": [answer.request_digest for answer in answers],
                "rows": [answer.asked.row_no for answer in answers],
                "statuses": sorted(
                    {line.verdict.status.value for one in answers for line in one.lines if line.released}
                ),
            },
        )
        waiting = cursor.fetchall()
    if waiting and budget.take(len(waiting), sum(fee for *_, fee in waiting)):
        release(
            ids=[filing for filing, *_ in waiting],
            by=None if by_id is None else User(pk=by_id),
            now=now,
            operation_id=operation_id,
        )
        for _, row_no, fee in waiting:
            written[row_no].let_go += 1
            written[row_no].let_go_fees += fee


def _batch(
    answer: Answer,
    batch_id: int,
    number: int,
    desk: Desk,
    organization_id: int,
    operation_id: UUID | None,
    by_id: int | None,
) -> tuple[Any, ...]:
    plan, asked = answer.plan, answer.asked
    return (
        batch_id,
        organization_id,
        number,
        TransactionKind.APPOINTMENT.value,
        _state(answer).value,
        answer.person.id,
        plan.state,
        plan.cocode,
        plan.company.name if plan.company else "",
        as_json(
            {
                "npn": answer.person.npn,
                "state": plan.state,
                "cocode": plan.cocode,
                "categories": asked.categories,
                "agent_type": asked.agent_type,
                "county": asked.county,
                "appointment_type": asked.appointment_type,
                "effective_on": str(asked.effective_on) if asked.effective_on else None,
                "submit": asked.submit,
                "submit_just_in_time": asked.submit_just_in_time,
                "left_out": asked.left_out,
            }
        ),
        as_json(facts_told(answer, desk)),
        answer.request_digest,
        answer.verdict_digest,
        desk.book.short_version,
        operation_id,
        asked.row_no,
        by_id,
    )


def facts_told(answer: Answer, desk: Desk) -> dict[str, Any]:
    """What was known when an answer was given, as its batch keeps it."""
    plan, person = answer.plan, answer.person
    in_state = person.by_state.get(plan.state, ())
    company = plan.company
    return {
        "today": str(desk.today),
        "producer": {"npn": person.npn, "kind": "firm" if person.is_firm else "individual"},
        "residents": [_license(one) for one in person.licenses if one.is_resident and one not in in_state],
        "licenses": [
            {**_license(one), "lines": [[line.code, line.name, line.status] for line in one.lines]}
            for one in in_state
        ],
        "company": {
            "name": company.name,
            "categories": sorted(company.categories),
            "states": sorted(company.states),
        }
        if company
        else None,
        "just_in_time": bool(plan.setting and plan.setting.just_in_time),
        "may_wait": plan.rule.just_in_time,
        "files": plan.rule.files,
        "assignment_required": plan.assignment_required,
        "lines": len(plan.lines),
        "rules": list(plan.rule.rules),
    }


def _license(license: License) -> dict[str, Any]:
    return {
        "state": license.state,
        "number": license.number,
        "class": license.class_name,
        "resident": license.is_resident,
        "active": license.is_active,
        "expires": str(license.expires_on) if license.expires_on else None,
    }


def _state(answer: Answer) -> BatchState:
    waiting = [line for line in answer.lines if line.verdict.status in WAITING]
    if not waiting:
        return BatchState.DONE
    return BatchState.SUBMITTED if all(line.released for line in waiting) else BatchState.DRAFT


def _transactions(
    answer: Answer,
    batch_id: int,
    number: int,
    first: int,
    organization_id: int,
    by_id: int | None,
    now: datetime,
    became: Written,
) -> Iterable[Sequence[Any]]:
    plan, asked = answer.plan, answer.asked
    company = plan.company.name if plan.company else ""
    waits = plan.setting is not None and plan.setting.just_in_time
    for place, line in enumerate(answer.lines):
        verdict = line.verdict
        rule = verdict.line.line if verdict.line else None
        license = verdict.license
        became.statuses[verdict.status.value] += 1
        if verdict.failures:
            became.reasons[verdict.reason] += 1
        became.released += line.released
        released_at = now if line.released else None
        yield (
            organization_id,
            batch_id,
            number + place,
            TransactionKind.APPOINTMENT.value,
            verdict.status.value,
            verdict.reason,
            as_json(failures_told(verdict.failures, first)) if verdict.failures else "[]",
            answer.person.id,
            plan.state,
            plan.cocode,
            company,
            rule.line_code if rule else "",
            rule.line_name if rule else "",
            sorted(verdict.line.wanted) if verdict.line else list(plan.categories),
            rule.class_code if rule else "",
            license.id if license else None,
            license.number if license else "",
            asked.county,
            asked.appointment_type,
            asked.effective_on,
            waits and verdict.status is Status.HELD,
            line.state_fee,
            line.registry_fee,
            by_id,
            by_id if line.released else None,
            released_at,
            released_at,
            now if verdict.status is Status.RECORDED else None,
        )
