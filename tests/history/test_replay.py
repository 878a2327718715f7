"""Whatever bulk SQL does: the changes, played backward from the present, give every past that there was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.history.models import Change
from muster.history.tracked import TRACKED, Tracked
from muster.producers.models import Producer
from tests.make import make_organization, make_producer

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OF = {one.kind.value: one for one in TRACKED}

Rows = dict[int, dict[str, Any]]
Database = dict[str, Rows]

LICENSE_UPSERT = """
INSERT INTO licenses_license AS kept (
    organization_id, producer_id, state, number, class_code, class_name, residency, is_active, expires_on,
    adjuster_home_state
)
SELECT organization_id, id, 'TX', told.number, '', 'Producer', 'R', told.is_active, told.expires_on, ''
FROM producers_producer, (
    SELECT DISTINCT ON (number) number, is_active, expires_on
    FROM unnest(%(numbers)s::text[], %(actives)s::boolean[], %(days)s::date[])
        AS one (number, is_active, expires_on)
    WHERE number IS NOT NULL
) AS told
WHERE npn = ANY (%(npns)s)
ON CONFLICT (producer_id, state, number, class_code) DO UPDATE
SET gone_at = NULL, is_active = excluded.is_active, expires_on = excluded.expires_on
"""
LINE_INSERT = """
INSERT INTO licenses_lineofauthority (
    organization_id, license_id, code, name, status, status_reason, ce_compliance, ce_credits_needed
)
SELECT organization_id, id, %(line)s, %(line)s, 'Active', '', '', '' FROM licenses_license
WHERE number = ANY (%(numbers)s) ON CONFLICT DO NOTHING
"""
# Those of the lines first: a line whose license has gone before it does not know its state.
STATEMENTS = {
    "upsert": LICENSE_UPSERT,
    "add lines": LINE_INSERT,
    "set lines": "UPDATE licenses_lineofauthority SET status = %(line)s WHERE code <> %(line)s",
    "lines gone": "UPDATE licenses_lineofauthority SET gone_at = now() WHERE code = %(line)s",
    "lines back": """
        UPDATE licenses_lineofauthority SET gone_at = NULL, status = 'Active' WHERE code = %(line)s
    """,
    "lines removed": "DELETE FROM licenses_lineofauthority WHERE code = %(line)s",
    "licenses gone": "UPDATE licenses_license SET gone_at = now() WHERE number = ANY (%(numbers)s)",
    "licenses renewed": """
        UPDATE licenses_license SET expires_on = expires_on + 365 WHERE number = ANY (%(numbers)s)
    """,
    "licenses move": "UPDATE licenses_license SET state = 'GA' WHERE number = ANY (%(numbers)s)",
    "licenses removed": """
        DELETE FROM licenses_lineofauthority WHERE license_id IN (
            SELECT id FROM licenses_license WHERE number = ANY (%(numbers)s));
        DELETE FROM licenses_license WHERE number = ANY (%(numbers)s)
    """,
    "producers": """
        UPDATE producers_producer SET last_name = %(line)s, is_watched = NOT is_watched, updated_at = now()
        WHERE npn = ANY (%(npns)s)
    """,
    "producer removed": """
        DELETE FROM licenses_lineofauthority WHERE license_id IN (
            SELECT license.id FROM licenses_license AS license
            JOIN producers_producer AS producer ON producer.id = license.producer_id
            WHERE producer.npn = ANY (%(npns)s));
        DELETE FROM licenses_license WHERE producer_id IN (
            SELECT id FROM producers_producer WHERE npn = ANY (%(npns)s));
        DELETE FROM producers_producer WHERE npn = ANY (%(npns)s)
    """,
}
NUMBERS = st.lists(st.sampled_from(["1", "2", "3"]), min_size=1, max_size=3)
STEPS = st.tuples(
    st.sampled_from(list(STATEMENTS)),
    st.fixed_dictionaries(
        {
            "numbers": NUMBERS,
            "actives": st.lists(st.booleans(), min_size=3, max_size=3),
            "days": st.lists(st.sampled_from([None, "2026-12-31", "2027-06-30"]), min_size=3, max_size=3),
            "npns": st.lists(st.sampled_from(["11", "12", "13"]), min_size=1, max_size=2),
            "line": st.sampled_from(["Life", "Health", "Active"]),
        }
    ),
)


def present() -> Database:
    """Every tracked row as it is: its tracked columns as JSON has them, and whether it is gone."""
    return {kind: _rows(tracked) for kind, tracked in OF.items()}


def _rows(tracked: Tracked) -> Rows:
    gone = "gone_at IS NOT NULL" if tracked.can_be_gone else "false"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, to_jsonb(kept)::text, {gone} FROM {tracked.table} AS kept")  # noqa: S608
        return {
            pk: {name: json.loads(row)[name] for name in tracked.columns} | {"gone": is_gone}
            for pk, row, is_gone in cursor.fetchall()
        }


def play_back(database: Database, changes: list[Change]) -> None:
    """Undo the changes, newest first."""
    for change in changes:
        rows, tracked = database[change.kind], OF[change.kind]
        pk = change.record_id
        if change.verb == "added":
            row = rows.pop(pk)
            assert change.new == {
                name: value for name, value in row.items() if name != "gone" and value is not None
            }
            continue
        if change.verb == "removed":
            assert pk not in rows
            rows[pk] = {name: change.old.get(name) for name in tracked.columns} | {
                "gone": "gone_at" in change.old
            }
            continue
        row = rows[pk]
        for name in set(tracked.columns) & set(change.new):
            assert row[name] == change.new[name]
            row[name] = change.old[name]
        if change.verb in ("gone", "back"):
            assert row["gone"] is (change.verb == "gone")
            row["gone"] = change.verb == "back"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=12))
def test_the_changes_played_backward_give_every_past(steps: list[tuple[str, dict[str, Any]]]) -> None:
    with transaction.atomic():
        organization = make_organization()
        for npn in ("11", "12", "13"):
            make_producer(organization, npn=npn, synced_at=NOON)
        pasts = [(0, present())]
        for name, parameters in steps:
            with connection.cursor() as cursor:
                cursor.execute(STATEMENTS[name], parameters)
            newest = Change.objects.order_by("-id").values_list("id", flat=True).first() or 0
            pasts.append((newest, present()))
        changes = list(Change.objects.order_by("-id"))
        played = present()
        for newest, past in reversed(pasts):
            play_back(played, [change for change in changes if change.pk > newest])
            changes = [change for change in changes if change.pk <= newest]
            assert played == past
        assert Producer.objects.count() <= 3
        transaction.set_rollback(True)
