"""Operations: what was done to many at once, by whom, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db.models import F, Func, IntegerField, Q

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.bulk.kinds import UnknownKind, kind_named, kinds
from muster.bulk.models import Operation, OperationState, Outcome
from muster.core.table import FieldKind
from muster.reports.fields import Field
from muster.reports.subject import Subject, register

K = FieldKind


class KindLabels(Mapping[str, str]):
    """What each kind of operation is called: all that are registered by the time it is asked."""

    def __getitem__(self, name: str) -> str:
        try:
            return kind_named(name).label
        except UnknownKind:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return (kind.name for kind in kinds())

    def __len__(self) -> int:
        return len(kinds())


def visible_operations(member: Membership) -> OrganizationQuerySet:
    """The operations that the member may read."""
    operations: OrganizationQuerySet = Operation.objects.visible_to(member, Permission.READ)
    return operations


def started_by_me(member: Membership) -> Q:
    """Whether the asker started it."""
    return Q(by=member.user_id)


def _outcome(outcome: Outcome) -> Func:
    return Func(
        F("outcomes"),
        template=f"coalesce((%(expressions)s ->> '{outcome.value}')::int, 0)",
        output_field=IntegerField(),
    )


OPERATIONS = register(
    Subject(
        name="operations",
        label="Operations",
        one="operation",
        many="operations",
        rows=visible_operations,
        fields=(
            Field("kind", "What", K.CHOICE, "kind", choices=KindLabels()),
            Field("file", "File", path="source_name"),
            Field("by", "By", path="by__email"),
            Field("state", "Status", K.CHOICE, "state", choices=dict(OperationState.choices)),
            Field("rows", "Rows", K.NUMBER, "rows"),
            *(Field(outcome.value, outcome.label, K.NUMBER, made=_outcome(outcome)) for outcome in Outcome),
            Field("started_at", "Started", K.DATE, "created_at", is_time=True),
            Field("finished_at", "Finished", K.DATE, "finished_at", is_time=True),
        ),
        columns=("started_at", "kind", "file", "by", "state", "rows", "created", "rejected", "finished_at"),
        filters=("kind", "state", "started_at"),
        mine=started_by_me,
        mine_label="that I started",
        summary="One row an import or other action: by whom, when, how many rows, what became of them.",
    )
)
