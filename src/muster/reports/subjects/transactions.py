"""Transactions: what was filed, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Case, F, Func, Q, TextField, Value, When
from django.db.models.functions import Coalesce, TruncMonth

from muster.access.models import Membership
from muster.core.eligibility import REASON_LABELS
from muster.core.licensing import PAYER_LABELS
from muster.core.table import FieldKind
from muster.core.transactions import LICENSE_KINDS, STATUS_LABELS, Status
from muster.core.words import LOA_CATEGORIES, states
from muster.reports.fields import Field
from muster.reports.subject import Subject, register
from muster.reports.subjects.producers import producer_fields
from muster.transactions.models import KIND_CHOICES
from muster.transactions.queries import visible_transactions

K = FieldKind

UNKNOWN, NOT_SET = Value("unknown"), Value("not set")


def _unknown_if(**of: Any) -> Case:
    return Case(When(**of, then=UNKNOWN), default=Value(""), output_field=TextField())


# A spreadsheet adds up a blank as nothing: what nobody knows is said. What is not charged yet is blank.
CHARGED_UNKNOWN = _unknown_if(status=Status.ACCEPTED)
PAYER_UNKNOWN = Case(When(kind__in=LICENSE_KINDS, then=NOT_SET), default=Value(""), output_field=TextField())

MONTH = Func(
    TruncMonth(Coalesce("decided_at", "created_at")),
    Value("YYYY-MM"),
    function="to_char",
    output_field=TextField(),
)
"""The month, by the clock of the site, in which it was decided; of what is not, in which it was made."""


def _fees(name: str, label: str) -> Iterator[Field]:
    charged = f"{name}_charged"
    yield Field(name, f"{label}, Estimated", K.MONEY, name, section="Fees", blank=UNKNOWN)
    yield Field(charged, f"{label}, Charged", K.MONEY, charged, section="Fees", blank=CHARGED_UNKNOWN)


def numbered(prefix: str, path: str) -> Func:
    """A number as people say it: `GT-00000042`."""
    number = "lpad(%(expressions)s::text, greatest(8, length(%(expressions)s::text)), '0')"
    return Func(F(path), template=f"'{prefix}' || {number}", output_field=TextField())


def prepared_by_me(member: Membership) -> Q:
    """Whether the asker prepared it."""
    return Q(prepared_by=member.user_id)


TRANSACTIONS = register(
    Subject(
        name="transactions",
        label="Transactions",
        one="transaction",
        many="transactions",
        rows=visible_transactions,
        fields=(
            Field("number", "Number", made=numbered("GT-", "number"), section="Transaction"),
            Field("batch", "Batch", made=numbered("GB-", "batch__number"), section="Transaction"),
            Field("type", "Kind", K.CHOICE, "kind", choices=dict(KIND_CHOICES), section="Transaction"),
            Field(
                "status",
                "Status",
                K.CHOICE,
                "status",
                choices={status.value: label for status, label in STATUS_LABELS.items()},
                section="Transaction",
            ),
            Field(
                "reason",
                "Eligibility Reason",
                K.CHOICE,
                "reason",
                choices=REASON_LABELS,
                section="Transaction",
            ),
            Field(
                "state",
                "State Code",
                K.CHOICE,
                "jurisdiction",
                choices=states(),
                tells_code=True,
                section="Transaction",
            ),
            Field("cocode", "CoCode", path="cocode", section="Transaction"),
            Field("company", "Company", path="company_name", section="Transaction"),
            Field("line", "Line of Authority", path="line_name", section="Transaction"),
            Field(
                "categories",
                "LOA Categories",
                K.CHOICES,
                "categories",
                choices=LOA_CATEGORIES,
                section="Transaction",
            ),
            Field("license_number", "License Number", path="license_number", section="Transaction"),
            Field(
                "paid_by",
                "Paid By",
                K.CHOICE,
                "paid_by",
                choices=PAYER_LABELS,
                section="Fees",
                blank=PAYER_UNKNOWN,
            ),
            Field("month", "Month", made=MONTH, section="Fees"),
            Field("effective_on", "Effective", K.DATE, "effective_on", section="Transaction"),
            Field("just_in_time", "Just in Time", K.FLAG, "just_in_time", section="Transaction"),
            Field("file_by", "File By", K.DATE, "file_by", section="Transaction"),
            *_fees("state_fee", "State Fee"),
            *_fees("registry_fee", "Registry Fee"),
            Field("prepared_by", "Prepared By", path="prepared_by__email", section="Steps"),
            Field("released_by", "Submitted By", path="released_by__email", section="Steps"),
            Field("made_at", "Created", K.DATE, "created_at", is_time=True, section="Steps"),
            Field("submitted_at", "Sent", K.DATE, "submitted_at", is_time=True, section="Steps"),
            Field("decided_at", "Decided", K.DATE, "decided_at", is_time=True, section="Steps"),
            Field("registry_words", "Registry's Words", path="registry_words", section="Steps"),
            *producer_fields("producer__", "Producer"),
        ),
        columns=("number", "type", "producer", "npn", "state", "cocode", "line", "status", "reason"),
        filters=("status", "type", "state", "cocode", "reason"),
        mine=prepared_by_me,
        mine_label="that I prepared",
        target="transaction",
        summary="One row a filing: what, for whom, where, how it stands, what it costs.",
    )
)
