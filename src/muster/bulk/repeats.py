"""Rows about the same thing: the same twice is left out, contradictions are errors on each of them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from muster.bulk.models import Operation

# A blank says nothing. Each row that contradicts is told the first row that says otherwise.
CONTRADICTIONS = """
WITH repeated AS MATERIALIZED (
    SELECT key FROM bulk_item
    WHERE operation_id = %(operation)s AND key IS NOT NULL
    GROUP BY key HAVING count(*) > 1
), told AS MATERIALIZED (
    SELECT item.row_no, item.key, item.state, field.name, item.data ->> field.name AS value
    FROM bulk_item AS item JOIN repeated USING (key) CROSS JOIN unnest(%(fields)s::text[]) AS field (name)
    WHERE item.operation_id = %(operation)s AND item.data ? field.name
), version AS (
    SELECT key, name, value, min(row_no) AS first_row FROM told GROUP BY key, name, value
), contradicted AS MATERIALIZED (
    SELECT key, name,
           (array_agg(value ORDER BY first_row))[1] AS first_value,
           (array_agg(first_row ORDER BY first_row))[1] AS first_row,
           (array_agg(first_row ORDER BY first_row))[2] AS other_row
    FROM version GROUP BY key, name HAVING count(*) > 1
), wrong AS MATERIALIZED (
    SELECT told.row_no, told.key, told.name, told.value,
           CASE WHEN told.value = first_value THEN other_row ELSE first_row END AS twin
    FROM told JOIN contradicted USING (key, name)
    WHERE told.state IN ('ok', 'warned', 'rejected')
), noted AS (
    INSERT INTO bulk_finding (operation_id, row_no, code, severity, field, value, params)
    SELECT %(operation)s, row_no, %(code)s, 'error', header, CASE WHEN NOT hidden THEN value END,
           jsonb_build_object('key', key, 'twin', twin)
    FROM wrong JOIN unnest(%(fields)s::text[], %(headers)s::text[], %(hidden)s::boolean[])
         AS shown (name, header, hidden) USING (name)
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
    """Reject rows with the same key and different values for one of the fields (data key, column header).

    A blank says nothing and contradicts nothing. Each row of the group gets the finding `code`, with the
    other row's number as `twin`; values of `hidden` fields stay out of it.
    """
    with connection.cursor() as cursor:
        # A worker killed between this and the end of the check leaves findings that would be told twice.
        cursor.execute("DELETE FROM bulk_finding WHERE operation_id = %s AND code = %s", [operation.pk, code])
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
