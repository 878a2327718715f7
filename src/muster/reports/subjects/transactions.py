"""Transactions: what was filed, and what became of it."""

from __future__ import annotations

from django.db.models import F, Func, Q, TextField

from muster.access.models import Membership
from muster.core.eligibility import REASON_LABELS
from muster.core.table import FieldKind
from muster.core.transactions import STATUS_LABELS
from muster.core.words import LOA_CATEGORIES, states
from muster.reports.fields import Field
from muster.reports.subject import Subject, register
from muster.reports.subjects.producers import producer_fields
from muster.transactions.models import KIND_CHOICES
from muster.transactions.queries import visible_transactions

K = FieldKind


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
            Field("effective_on", "Effective", K.DATE, "effective_on", section="Transaction"),
            Field("just_in_time", "Just in Time", K.FLAG, "just_in_time", section="Transaction"),
            Field("file_by", "File By", K.DATE, "file_by", section="Transaction"),
            Field("state_fee", "State Fee, Estimated", K.MONEY, "state_fee", section="Fees"),
            Field("registry_fee", "Registry Fee, Estimated", K.MONEY, "registry_fee", section="Fees"),
            Field("state_fee_charged", "State Fee, Charged", K.MONEY, "state_fee_charged", section="Fees"),
            Field(
                "registry_fee_charged",
                "Registry Fee, Charged",
                K.MONEY,
                "registry_fee_charged",
                section="Fees",
            ),
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
