"""What the upload types of carriers and settings share: merging rows, comparing, writing, on record."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import connection

from muster.access.permissions import Permission
from muster.audit.operations import EventKind
from muster.bulk.kinds import Row, Span, UploadKind
from muster.bulk.models import Operation
from muster.carriers.columns import FROM, TO, wrong_period
from muster.carriers.keeping import wait_for_others
from muster.imports.sql import statement

LAST_ROW = 2_147_483_647
CONTRADICTION = "ROW-E902"


class SettingUpload(UploadKind):
    """An upload type whose rows say what is to be on file; what they leave blank stays as it is.

    `things` and `writes` name the statements that tell what is on file and write what differs; `what` is what
    the event log calls the things, `created` and `changed` the kinds of its events.
    """

    permission = Permission.MANAGE_CARRIERS
    # A file of settings is small, and is written in one piece.
    chunk = 100_000
    things: ClassVar[str]
    writes: ClassVar[str]
    what: ClassVar[str]
    created: ClassVar[EventKind]
    changed: ClassVar[EventKind]

    @abstractmethod
    def blank(self) -> Mapping[str, Any]:
        """What holds for a new thing where nothing is told, by field."""

    def preview(self, operation: Operation) -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH {_joined(self.things, 'became')} {statement('count_became')}",
                self._params(Span(operation, 0, LAST_ROW)),
            )
            return dict(cursor.fetchall())

    def apply(self, span: Span) -> None:
        wait_for_others(span.operation.organization_id)
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH {_joined(self.things, 'became', self.writes, 'note_became')}", self._params(span)
            )

    def _params(self, span: Span) -> dict[str, Any]:
        return {
            **span.params,
            "by": span.operation.by_id,
            "blank": json.dumps(self.blank()),
            "what": self.what,
            "created": self.created.value,
            "changed": self.changed.value,
        }


def _joined(*names: str) -> str:
    """The statements' named queries, one after the other."""
    return ",\n".join(map(statement, names))


def judge_period(row: Row) -> None:
    """Take From and To as one: a row that tells either tells both, and an empty one is open."""
    if found := wrong_period(row.data, row=row.row_no):
        row.findings.append(found)
    days = [row.data.get(column.key) for column in (FROM, TO)]
    if any(days):
        row.data |= {FROM.key: days[0], TO.key: days[1]}
        row.data["period"] = f"{days[0] or 'ever'} to {days[1] or 'no end'}"
