"""Rows about the same thing: the same twice is left out, contradictions are errors on each of them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from muster.bulk.models import Operation

# Only what stands in the file counts: `sealed` keys differ at each sealing, their index stands beside them.
CONTRADICTIONS = """
WITH repeated AS MATERIALIZED (
    SELECT key FROM bulk_item
    WHERE operation_id = %(operation)s AND key IS NOT NULL
    GROUP BY key HAVING count(*) > 1
), told AS (
    SELECT item.key, field.name, min(item.data ->> field.name) AS one, max(item.data ->> field.name) AS other
    FROM bulk_item AS item JOIN repeated USING (key) CROSS JOIN unnest(%(fields)s::text[]) AS field (name)
    WHERE item.operation_id = %(operation)s
    GROUP BY item.key, field.name
    HAVING min(item.data ->> field.name) <> max(item.data ->> field.name)
), wrong AS (
    SELECT item.row_no, told.name, item.data ->> told.name AS value, item.key,
           (SELECT min(twin.row_no) FROM bulk_item AS twin
            WHERE twin.operation_id = %(operation)s AND twin.key = item.key
              AND twin.data ->> told.name <> item.data ->> told.name) AS twin_row
    FROM bulk_item AS item JOIN told USING (key)
    WHERE item.operation_id = %(operation)s AND item.state IN ('ok', 'warned', 'rejected')
      AND item.data ->> told.name IS NOT NULL
), noted AS (
    INSERT INTO bulk_finding (operation_id, row_no, code, severity, field, value, params)
    SELECT %(operation)s, row_no, %(code)s, 'error', headers.header,
           CASE WHEN headers.hidden THEN NULL ELSE value END,
           jsonb_build_object('key', key, 'twin', twin_row)
    FROM wrong JOIN unnest(%(fields)s::text[], %(headers)s::text[], %(hidden)s::boolean[])
         AS headers (name, header, hidden) USING (name)
)
UPDATE bulk_item AS item SET state = 'rejected'
WHERE item.operation_id = %(operation)s AND item.row_no IN (SELECT row_no FROM wrong)
"""

DUPLICATES = """
WITH repeated AS MATERIALIZED (
    SELECT key FROM bulk_item
    WHERE operation_id = %(operation)s AND key IS NOT NULL
    GROUP BY key HAVING count(*) > 1
), twin AS (
    SELECT item.row_no, item.state,
           min(item.row_no) OVER (PARTITION BY item.key, item.data - %(sealed)s::text[]) AS original
    FROM bulk_item AS item JOIN repeated USING (key)
    WHERE item.operation_id = %(operation)s AND item.state IN ('ok', 'warned', 'applied')
)
UPDATE bulk_item AS item
SET state = 'skipped', outcome = 'duplicate', result = jsonb_build_object('same_as', twin.original)
FROM twin
WHERE item.operation_id = %(operation)s AND item.row_no = twin.row_no
  AND twin.original < twin.row_no AND twin.state IN ('ok', 'warned')
"""


def reject_contradictions(
    operation: Operation, *, fields: Sequence[tuple[str, str]], hidden: Sequence[str] = (), code: str
) -> None:
    """Reject rows with the same key that give different values for one of the fields (data key, column header).

    A blank says nothing and contradicts nothing. Each row of the group gets the finding `code`, with the other
    row's number as `twin`; values of `hidden` fields stay out of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            CONTRADICTIONS,
            {
                "operation": operation.pk,
                "fields": [name for name, _ in fields],
                "headers": [header for _, header in fields],
                "hidden": [name in hidden for name, _ in fields],
                "code": code,
            },
        )


def skip_duplicates(operation: Operation, *, sealed: Sequence[str] = ()) -> None:
    """Leave out each row that says the same as an earlier one; `sealed` keys do not count."""
    with connection.cursor() as cursor:
        cursor.execute(DUPLICATES, {"operation": operation.pk, "sealed": list(sealed)})
