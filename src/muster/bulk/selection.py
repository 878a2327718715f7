"""A selection becomes items by one statement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

SNAPSHOT = """
INSERT INTO bulk_item (operation_id, row_no, key, state, target_id, cells, data)
SELECT %s, row_number() OVER (), chosen.id::text, 'pending', chosen.id, '[]', '{{}}'
FROM ({selection}) AS chosen (id)
"""


def take_selection(operation_id: UUID, selection: QuerySet[Any]) -> int:
    """Write an item for each row of the selection, in its order, and return how many there are."""
    try:
        chosen, params = selection.values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT.format(selection=chosen), [operation_id, *params])
        return int(cursor.rowcount)
