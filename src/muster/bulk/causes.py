"""What was found, a cause at a time: findings of one code about one column, and the values in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from muster.bulk.models import Operation
from muster.core.catalogue import Entry, Scope, Severity
from muster.core.findings import CATALOGUE, fix, sentence

SHOWN_VALUES = 5
SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class Value:
    """Findings of a cause that are about the same value; `rows` are the first of them."""

    code: str
    field: str | None
    value: str | None
    params: Mapping[str, Any]
    count: int
    rows: Sequence[int]

    @property
    def text(self) -> str:
        return sentence(self.code, field=self.field, value=self.value, params=self.params)

    @property
    def fix(self) -> str:
        return fix(self.code, field=self.field, value=self.value, params=self.params)

    @property
    def more_rows(self) -> int:
        """How many rows there are beyond those that are named."""
        return self.count - len(self.rows) if self.rows else 0


@dataclass(frozen=True, slots=True)
class Cause:
    """Findings of one code about one column; `values` are those that stand in most rows."""

    code: str
    field: str | None
    count: int
    different: int
    values: Sequence[Value]

    @property
    def entry(self) -> Entry:
        return CATALOGUE[self.code]

    @property
    def more_values(self) -> int:
        """How many values there are beyond those that are shown."""
        return self.different - len(self.values)


# A row counts once, however often the same was found in it. The first pass counts; only what is shown is
# looked up again, for its first rows and the words' parameters.
CAUSES = """
WITH seen AS MATERIALIZED (
    SELECT code, field, CASE WHEN code = ANY(%(by_value)s) THEN value END AS shown,
           row_no, count(*) AS count, min(id) AS first_id
    FROM bulk_finding
    WHERE operation_id = %(operation)s AND severity = ANY(%(severities)s)
      AND (%(code)s::text IS NULL OR (code = %(code)s AND field IS NOT DISTINCT FROM %(field)s::text))
    GROUP BY code, field, shown, row_no
), value AS MATERIALIZED (
    SELECT code, field, shown, sum(CASE WHEN row_no IS NULL THEN count ELSE 1 END)::bigint AS count,
           min(row_no) AS first_row, min(first_id) AS first_id
    FROM seen GROUP BY code, field, shown
), cause AS MATERIALIZED (
    SELECT value.code, value.field, count(*) AS different, CASE
        WHEN count(*) = 1 OR min(value.first_row) IS NULL THEN sum(value.count)::bigint
        ELSE (
            SELECT count(DISTINCT row_no) FROM seen
            WHERE seen.code = value.code AND seen.field IS NOT DISTINCT FROM value.field
        )
    END AS count
    FROM value GROUP BY value.code, value.field
)
SELECT cause.code, cause.field, top.shown, finding.params, top.count, top.first_row,
       cause.count, cause.different
FROM cause CROSS JOIN LATERAL (
    SELECT * FROM value
    WHERE value.code = cause.code AND value.field IS NOT DISTINCT FROM cause.field
    ORDER BY value.count DESC, value.first_row, value.shown
    LIMIT %(limit)s OFFSET %(offset)s
) AS top JOIN bulk_finding AS finding ON finding.id = top.first_id
ORDER BY array_position(ARRAY['error', 'warning', 'info'], finding.severity::text),
         array_position(%(scopes)s::text[], %(scope_of)s::jsonb ->> cause.code),
         cause.count DESC, cause.code, cause.field, top.count DESC, top.first_row, top.shown
"""

FIRST_ROWS = """
SELECT code, field, shown, array_agg(row_no ORDER BY row_no)
FROM (
    SELECT asked.code, asked.field, asked.shown, finding.row_no,
           row_number() OVER (
               PARTITION BY asked.code, asked.field, asked.shown ORDER BY finding.row_no
           ) AS place
    FROM unnest(%(codes)s::text[], %(fields)s::text[], %(values)s::text[]) AS asked (code, field, shown)
    JOIN bulk_finding AS finding
      ON finding.code = asked.code
     AND finding.field IS NOT DISTINCT FROM asked.field
     AND CASE WHEN finding.code = ANY(%(by_value)s) THEN finding.value END IS NOT DISTINCT FROM asked.shown
    WHERE finding.operation_id = %(operation)s AND finding.row_no IS NOT NULL
    GROUP BY asked.code, asked.field, asked.shown, finding.row_no
) AS numbered
WHERE place <= %(rows)s
GROUP BY code, field, shown
"""

TROUBLE = (Severity.ERROR, Severity.WARNING)


def causes(operation: Operation, *, severities: Sequence[Severity] = TROUBLE) -> list[Cause]:
    """Every cause, errors first, then in the order file, columns, values, rows, with its commonest values."""
    return _grouped(operation, severities=severities)


def values_of(
    operation: Operation, *, code: str, field: str | None, offset: int = 0, limit: int = 50
) -> Cause | None:
    """One cause with its values from `offset` on; None where nothing of it was found."""
    found = _grouped(operation, severities=list(Severity), code=code, field=field, offset=offset, limit=limit)
    return found[0] if found else None


def _grouped(
    operation: Operation,
    *,
    severities: Sequence[Severity],
    code: str | None = None,
    field: str | None = None,
    offset: int = 0,
    limit: int = SHOWN_VALUES,
) -> list[Cause]:
    params: dict[str, Any] = {
        "operation": operation.pk,
        "severities": [severity.value for severity in severities],
        "by_value": [entry.code for entry in CATALOGUE.values() if entry.scope is Scope.VALUES],
        "scopes": [scope.value for scope in Scope],
        "scope_of": json.dumps({entry.code: entry.scope.value for entry in CATALOGUE.values()}),
        "code": code,
        "field": field,
        "offset": offset,
        "limit": limit,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # A million findings are grouped in memory rather than on disk.
        cursor.execute("SET LOCAL work_mem = '96MB'")
        cursor.execute(CAUSES, params)
        found = cursor.fetchall()
    rows = _first_rows(operation, found, params["by_value"])
    grouped: dict[tuple[str, str | None], Cause] = {}
    values: dict[tuple[str, str | None], list[Value]] = {}
    for code_, field_, shown, words, count, first_row, of_cause, different in found:
        listed = values.setdefault((code_, field_), [])
        grouped.setdefault((code_, field_), Cause(code_, field_, of_cause, different, listed))
        first = rows.get((code_, field_, shown), [first_row] if first_row else [])
        as_dict = json.loads(words) if isinstance(words, str) else words
        listed.append(Value(code_, field_, shown, as_dict, count, first))
    return list(grouped.values())


def _first_rows(
    operation: Operation, found: Sequence[Sequence[Any]], by_value: Any
) -> dict[tuple[str, str | None, str | None], list[int]]:
    several = [row for row in found if row[4] > 1 and row[5]]
    if not several:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            FIRST_ROWS,
            {
                "operation": operation.pk,
                "by_value": by_value,
                "codes": [row[0] for row in several],
                "fields": [row[1] for row in several],
                "values": [row[2] for row in several],
                "rows": SHOWN_ROWS,
            },
        )
        return {(code, field, shown): rows for code, field, shown, rows in cursor.fetchall()}
