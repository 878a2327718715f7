"""What a bulk feature supplies: columns or a selection, a check, a write, words. The kernel does the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.models import Operation, Outcome
from muster.core.columns import Columns
from muster.core.findings import Finding, finding
from muster.core.writing import Tab


@dataclass(slots=True)
class Row:
    """One item while it is judged. `judge` sets `key`, may add to `data`, and adds findings.

    A row of a file has `cells` and their cleaned `data`; an item of a selection has its `target_id`.
    A row that could not be read whole `is_damaged`: it can only be mended in the file.
    """

    row_no: int
    cells: list[str]
    data: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)
    key: str | None = None
    target_id: int | None = None
    is_damaged: bool = False

    def find(
        self, code: str, *, field: str | None = None, value: str | None = None, **params: str | int
    ) -> None:
        """Add a finding about this row."""
        self.findings.append(finding(code, row=self.row_no, field=field, value=value, **params))


@dataclass(frozen=True, slots=True)
class Span:
    """The good items of an operation from one row number to another, both included."""

    operation: Operation
    first: int
    last: int

    @property
    def params(self) -> dict[str, Any]:
        """The parameters that every `apply` statement needs."""
        return {
            "operation": self.operation.pk,
            "organization": self.operation.organization_id,
            "first": self.first,
            "last": self.last,
        }


class Judge(ABC):
    """Judges the rows of one operation. It lives as long as the check, so facts once loaded are kept."""

    @abstractmethod
    def judge(self, rows: Sequence[Row]) -> None:
        """Give each row its key and findings; load facts for all rows with a constant number of queries."""


class Kind(ABC):
    """One kind of operation. `target` says what its items come to: whose ids their `target_id` are."""

    name: ClassVar[str]
    label: ClassVar[str]
    permission: ClassVar[Permission]
    target: ClassVar[str] = "producer"
    one: ClassVar[str] = "row"
    many: ClassVar[str] = "rows"
    chunk: ClassVar[int] = 10_000

    @abstractmethod
    def judge(self, operation: Operation) -> Judge:
        """The judge of this operation's rows."""

    def judge_together(self, operation: Operation) -> None:
        """Judge what only shows when all rows are seen, such as repeats; set-wise, in the database."""
        return None

    def preview(self, operation: Operation) -> dict[str, int]:
        """How many of each outcome the good rows would have if they were processed now."""
        return {}

    @abstractmethod
    def apply(self, span: Span) -> None:
        """Write the good items of the span in the caller's transaction, and their state, outcome and target.

        Must be set-wise, and must change nothing for what is already so.
        """

    def say(self, result: Mapping[str, Any]) -> str:
        """What became of a written item, in a sentence, by the `result` that `apply` kept; or nothing."""
        return ""

    def finished(self, operation: Operation) -> None:
        """What follows in the transaction that ends the operation, such as deferring a job."""
        return None


class UploadKind(Kind):
    """A kind whose items are the rows of an uploaded file.

    `key_name` is what the key of a row is called, `naming` the keys of its data that name what it is about.
    `verb` is what the button says that makes transactions, `made` what a row is called that made something,
    `outcomes` those of which the number is always told.
    One that `onboards` creates producers, who are synced and watched from then on; of one that is `batched`,
    whoever processes it chooses the batches of its transactions, and whether they are submitted at once; the
    check page of one that `plans` lists what will be filed.
    """

    summary: ClassVar[str]
    key_name: ClassVar[str] = "NPN"
    naming: ClassVar[Sequence[str]] = ("first_name", "last_name")
    steps: ClassVar[Sequence[str]] = ()
    made: ClassVar[str] = Outcome.CREATED.label
    verb: ClassVar[str] = "Request"
    outcomes: ClassVar[Sequence[Outcome]] = (
        Outcome.CREATED,
        Outcome.UPDATED,
        Outcome.UNCHANGED,
        Outcome.REJECTED,
    )
    onboards: ClassVar[bool] = False
    batched: ClassVar[bool] = False
    plans: ClassVar[bool] = False

    @abstractmethod
    def columns(self, organization_id: int) -> Columns:
        """The columns of the file."""

    @abstractmethod
    def accepted_values(self, organization_id: int) -> Mapping[str, Sequence[tuple[str, str]]]:
        """What stands on the template's `accepted_values` tab: by column header, (value, meaning)."""

    def examples(self, organization_id: int) -> Sequence[Mapping[str, str]]:
        """Example rows of the template, by column key."""
        return ()

    def tabs(self, organization_id: int) -> Sequence[Tab]:
        """Further tabs of the template, such as a key to a column's values."""
        return ()


class SelectionKind(Kind):
    """A kind whose items are what a person ticked in a list, or all that it held.

    `verb` is what the button says, `confirm` what the one says that does it, where that is another word, and
    `aim` what it is done for, where the verb is no sentence;
    `done` is what has become of an item; `note` tells what a person should know
    before, `applies_to` says in a sentence to which items it applies. `not_allowed` are the codes of findings
    that refuse the person rather than the item. `warned` is what is said of several values that are warned of
    at once, by code. `makes` is what is made of each item, one and many of it. One
    that `is_offered` stands under lists of its target.
    """

    verb: ClassVar[str]
    confirm: ClassVar[str] = ""
    aim: ClassVar[str] = ""
    done: ClassVar[str]
    needs_reason: ClassVar[bool] = False
    note: ClassVar[str] = ""
    applies_to: ClassVar[str] = ""
    makes: ClassVar[str] = ""
    not_allowed: ClassVar[frozenset[str]] = frozenset()
    warned: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def foresee(self, data: Mapping[str, Any]) -> str:
        """What will become of a good item, in a sentence, by the `data` that its judge kept; or nothing."""
        return ""

    def transaction_of(self, result: Mapping[str, Any]) -> int | None:
        """The number of the transaction that a written item has become, where it is one."""
        return None

    is_offered: ClassVar[bool] = True


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known. Raises ValueError for a name that is taken."""
    if kind.name in _kinds:
        raise ValueError(f"There is a kind {kind.name} already.")
    _kinds[kind.name] = kind


class UnknownKind(Exception):
    """There is no such kind of operation."""


def kind_named(name: str) -> Kind:
    """The kind of that name. Raises UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(name) from None


def kind_of(operation: Operation) -> Kind:
    """The kind of the operation."""
    return kind_named(operation.kind)


def kinds() -> list[Kind]:
    """Every kind there is, in the order in which they were registered."""
    return list(_kinds.values())


def upload_kinds() -> list[UploadKind]:
    """The upload types, in the order in which they were registered."""
    return [kind for kind in _kinds.values() if isinstance(kind, UploadKind)]


def selection_kinds() -> list[SelectionKind]:
    """What can be done with selections, in the order in which they were registered."""
    return [kind for kind in _kinds.values() if isinstance(kind, SelectionKind)]


def selection_kind_named(name: str) -> SelectionKind:
    """The action of that name. Raises UnknownKind."""
    kind = kind_named(name)
    if not isinstance(kind, SelectionKind):
        raise UnknownKind(name)
    return kind


def upload_kinds_of(member: Membership) -> list[UploadKind]:
    """The upload types that the member may use."""
    return [kind for kind in upload_kinds() if member.may(kind.permission)]


def upload_kind_named(name: str) -> UploadKind:
    """The upload type of that name. Raises UnknownKind."""
    kind = kind_named(name)
    if not isinstance(kind, UploadKind):
        raise UnknownKind(name)
    return kind
