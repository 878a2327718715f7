"""What was found, with the control that mends it here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.causes import Cause, Value, values_of
from muster.bulk.kinds import upload_kind_named
from muster.bulk.models import Finding, Operation, OperationState
from muster.core.columns import Column
from muster.core.findings import CATALOGUE, Scope, Severity
from muster.core.values import masked_ssn


@dataclass(frozen=True, slots=True)
class Mend:
    """A value that was found, with the control that mends it everywhere: `choices`, or free text, or None."""

    value: Value
    choices: Sequence[tuple[str, str]]
    suggestion: str
    can_map: bool
    creates_agency: bool


@dataclass(frozen=True, slots=True)
class More:
    """How many values of a cause are `left` from the place `next` on."""

    cause: Cause
    next: int
    left: int


@dataclass(frozen=True, slots=True)
class CauseCard:
    """A cause and its values, as the check page shows them; `others` say the same of other values."""

    cause: Cause
    mends: list[Mend]
    others: list[Cause] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(cause.count for cause in (self.cause, *self.others))

    @property
    def more(self) -> list[More]:
        """The causes of which more values are left."""
        return [
            More(cause, len(cause.values), cause.more_values)
            for cause in (self.cause, *self.others)
            if cause.more_values > 0
        ]

    @property
    def suggested(self) -> list[Mend]:
        """The values for which there is a suggestion that can be taken."""
        return [mend for mend in self.mends if mend.can_map and mend.suggestion]

    @property
    def suggested_codes(self) -> list[str]:
        """The codes of those, each once."""
        return list(dict.fromkeys(mend.value.code for mend in self.suggested))

    @property
    def by_value(self) -> bool:
        return self.cause.entry.scope is Scope.VALUES and any(mend.value.value for mend in self.mends)

    @property
    def heading(self) -> str:
        """Under which heading it stands."""
        if self.cause.entry.severity is not Severity.ERROR:
            return "Warnings: these rows are processed all the same"
        return HEADINGS[self.cause.entry.scope]

    @property
    def what_to_do(self) -> str:
        """What to do about it, here or in the file."""
        first = self.mends[0]
        if not self.by_value:
            return f"{first.value.text} {first.value.fix}"
        if first.creates_agency:
            several = " Several that are named are created together." if len(self.mends) > 1 else ""
            return (
                f"Create this agency here, or replace its NPN by that of an agency that is on file.{several}"
            )
        if not first.can_map:
            return first.value.fix
        if any(mend.suggestion for mend in self.mends):
            return (
                "Choose what to read it as; this applies to every row with this value. "
                "Or mend it in your file."
            )
        return f"{first.value.fix} What stands in many rows can be replaced here once for all."


HEADINGS = {
    Scope.FILE: "About the file",
    Scope.COLUMNS: "About the columns",
    Scope.VALUES: "Values to mend",
    Scope.ROWS: "Rows to mend",
}

# What is right in a row of its own can be wrong beside another row; no replacement of a value mends that.
# And different values round to the same digits, or fail as the same formula: one replacement would mix them.
# What a state has against a reason or a date is told of both together, which no column holds.
NOT_MAPPED = frozenset(
    {"ROW-E902", "NPN-E004", "VAL-E004", "VAL-E005", "TERM-E005", "TERM-E006", "TERM-E007"}
)
CUT_OFF = "…"
MASKED = masked_ssn("")  # what is shown is not what stands in the file, so it cannot be replaced
# A list longer than this is no help, and stands on the page once a value; one types instead.
MOST_CHOICES = 100
AGENCY_NOT_ON_FILE = "AGENCY-E001"


def cards(operation: Operation, member: Membership, found: Sequence[Cause]) -> list[CauseCard]:
    """The causes with the controls that this member may use."""
    kind = upload_kind_named(operation.kind)
    by_header = {column.header: column for column in kind.columns(operation.organization_id)}
    acts = member.may(kind.permission) and operation.state == OperationState.READY
    accepted = kind.accepted_values(operation.organization_id) if acts and found else {}
    made: dict[tuple[str, str | None, Severity], CauseCard] = {}
    for cause in found:
        column = by_header.get(cause.field or "")
        mends = [_mend(value, column, accepted, acts, member) for value in cause.values]
        # A value with a suggestion and one without have codes of their own, and are the same trouble.
        title = (cause.entry.title, cause.field, cause.entry.severity)
        if cause.entry.scope is Scope.VALUES and title in made:
            made[title].mends.extend(mends)
            made[title].others.append(cause)
        else:
            made[title if cause.entry.scope is Scope.VALUES else (cause.code, *title[1:])] = CauseCard(
                cause, mends
            )
    return list(made.values())


MOST_SUGGESTIONS = 200


def suggestions(operation: Operation, member: Membership, *, code: str, field: str) -> dict[str, str]:
    """What is suggested for each value of a cause, the commonest values first."""
    cause = values_of(operation, code=code, field=field, limit=MOST_SUGGESTIONS)
    found = cards(operation, member, [cause])[0].suggested if cause else []
    return {mend.value.value: mend.suggestion for mend in found if mend.value.value}


def _mend(
    value: Value,
    column: Column | None,
    accepted: Mapping[str, Sequence[tuple[str, str]]],
    acts: bool,
    member: Membership,
) -> Mend:
    can_map = (
        acts
        and column is not None
        and not column.sensitive
        and value.value is not None
        and not value.value.endswith(CUT_OFF)
        and MASKED not in value.value
        and value.code not in NOT_MAPPED
        and CATALOGUE[value.code].severity is Severity.ERROR
    )
    choices = accepted.get(column.header, ()) if can_map and column else ()
    if len(choices) > MOST_CHOICES:
        choices = ()
    suggestion = str(value.params.get("suggestion") or value.params.get("semicolons") or "")
    folded = {label.casefold(): code for code, label in choices} | {
        code.casefold(): code for code, _ in choices
    }
    return Mend(
        value,
        choices if not suggestion or suggestion.casefold() in folded else (),
        folded.get(suggestion.casefold(), suggestion),
        can_map,
        creates_agency=acts and value.code == AGENCY_NOT_ON_FILE and member.may(Permission.MANAGE_AGENCIES),
    )


def may_be_mapped(operation: Operation, field: str, value: str) -> bool:
    """Whether nothing was found about this value that only the file can mend."""
    found = Finding.objects.filter(operation=operation, field=field, value=value, code__in=NOT_MAPPED)
    return not found.exists()


@dataclass(frozen=True, slots=True)
class Mapped:
    """What somebody has said that a wrong value is to be read as."""

    header: str
    value: str
    replacement: str


def mapped_values(operation: Operation) -> list[Mapped]:
    """Everything that was said so, in the order in which it was."""
    columns = upload_kind_named(operation.kind).columns(operation.organization_id)
    return [
        Mapped(columns[key].header, value, replacement)
        for key, replacements in operation.params.get("mappings", {}).items()
        for value, replacement in replacements.items()
    ]
