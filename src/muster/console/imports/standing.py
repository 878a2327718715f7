"""Where an upload stands, put into the words and numbers that its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.bulk.causes import causes
from muster.bulk.kinds import upload_kind_named
from muster.bulk.models import Operation, OperationState, Outcome, Policy
from muster.bulk.queries import count_findings
from muster.bulk.states import UNDER_WAY
from muster.console.appointing.forecasts import kept_forecast, status_counts, tell_forecast
from muster.console.appointing.landing import transactions_of
from muster.console.imports.mending import cards, mapped_values
from muster.console.imports.pace import moving
from muster.console.imports.reads import (
    OUTCOMES,
    RowResult,
    count_outcomes,
    notes_on_file,
    rows_of,
    unknown_columns,
)
from muster.console.imports.tiles import (
    COLORS,
    MANY,
    OUTCOME_COLORS,
    outcome_labels,
    plan,
    planned_tiles,
    state_words,
    sync_context,
    tiles,
    title_of,
)
from muster.console.imports.uploading import upload_control
from muster.console.transactions.handling import handling_context, held_back_told
from muster.core.findings import Severity
from muster.imports.watching import cost_told
from muster.notices.words import nothing_written
from muster.transactions.queries import counts_of_operation

S = OperationState

# Beyond this many, what was found is fetched after the page, so that the page itself never waits for it.
FETCHED_AFTERWARDS = 100_000


def context_of(
    operation: Operation, member: Membership, *, outcome: str | None = None, after: int = 0
) -> dict[str, Any]:
    """All that the page of an operation shows, by its state."""
    kind = upload_kind_named(operation.kind)
    state = S(operation.state)
    context: dict[str, Any] = {
        "operation": operation,
        "kind": kind,
        "title": title_of(operation),
        "color": COLORS[state],
        "words": state_words(operation),
        "may_act": member.may(kind.permission),
        "under_way": state in UNDER_WAY,
    }
    if state in UNDER_WAY:
        return context | {"moving": moving(operation, now=timezone.now())}
    if context["may_act"]:
        context["upload"] = upload_control(kind, replaces=operation)
    if state == S.BLOCKED:
        return context | {
            "cards": cards(operation, member, causes(operation)),
            "notes": notes_on_file(operation),
        }
    if state == S.READY:
        return context | _ready(operation, member)
    return context | _ended(operation, member, outcome=outcome, after=after)


DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}


def _ready(operation: Operation, member: Membership) -> dict[str, Any]:
    counts = count_findings(operation)
    trouble = counts.get(Severity.ERROR, 0) + counts.get(Severity.WARNING, 0)
    later = trouble > FETCHED_AFTERWARDS
    forecast = kept_forecast(operation.source_facts)
    batched = upload_kind_named(operation.kind).batched
    return {
        **(handling_context(operation, member) if batched else {}),
        "forecast": tell_forecast(forecast) if forecast else None,
        "plan": plan(operation),
        "alerts_cost": cost_told(operation),
        "policies": Policy,
        "tiles": planned_tiles(operation),
        "errors": counts.get(Severity.ERROR, 0),
        "warnings": counts.get(Severity.WARNING, 0),
        "later": later,
        "cards": [] if later else cards(operation, member, causes(operation)),
        "facts": operation.source_facts,
        "delimiter": DELIMITERS.get(operation.source_facts.get("delimiter") or "", ""),
        "mapped_values": mapped_values(operation),
        "notes": notes_on_file(operation),
        "unknown_columns": unknown_columns(operation),
    }


def _ended(operation: Operation, member: Membership, *, outcome: str | None, after: int) -> dict[str, Any]:
    counts = operation.outcomes or count_outcomes(operation)
    kind = upload_kind_named(operation.kind)
    shown: dict[str, Any] = {
        "tiles": tiles(counts, operation.rows, kind),
        "rejected": counts.get(Outcome.REJECTED, 0),
        "nothing_written": nothing_written(counts),
    }
    if operation.started_at and kept_forecast(operation.source_facts):
        shown |= {
            "made": status_counts(
                counts_of_operation(member, operation.pk), partial(transactions_of, operation)
            ),
            "made_url": transactions_of(operation),
            "held_back": held_back_told(operation),
        }
    if operation.started_at and kind.onboards:
        # Counting very many producers takes a moment, so the page does not wait for it.
        shown |= {"sync_later": True} if operation.rows > MANY else sync_context(operation)
    return shown | rows_context(operation, member, outcome=outcome, after=after)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the results table with its outcome's words and color, and the page of what it is about."""

    row: RowResult
    label: str
    color: str
    url: str | None


def rows_context(
    operation: Operation, member: Membership, *, outcome: str | None, after: int
) -> dict[str, Any]:
    """The rows table."""
    kind = upload_kind_named(operation.kind)
    outcome = outcome if outcome in OUTCOMES else None
    found = rows_of(operation, member, outcome=outcome, after=after)
    labels = outcome_labels(kind)
    return {
        "operation": operation,
        "kind": kind,
        "rows": [
            ShownRow(row, labels[row.outcome], OUTCOME_COLORS[row.outcome], _url(row, kind.target))
            for row in found.rows
        ],
        "next_after": found.after,
        "outcome": outcome,
        "outcome_label": labels.get(outcome or "", ""),
        "after": after,
    }


def _url(row: RowResult, target: str) -> str | None:
    """The page of what the row was about, where it has one."""
    if row.producer:
        return reverse("producer-detail", args=[row.producer.npn])
    if row.target_id and target == "company":
        return reverse("company-detail", args=[row.about])
    return None
