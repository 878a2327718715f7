"""The lists stay along their indexes, which hold those alone who are here."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from muster.access.models import Membership
from muster.appointments.queries import visible_appointments
from muster.licenses.models import License
from muster.licenses.queries import visible_licenses
from muster.producers.models import Producer
from muster.producers.queries import ORDERS, visible_producers
from tests.make import make_member

pytestmark = pytest.mark.django_db

INDEXES = {
    "name": "producer_by_name",
    "npn": "producer_by_number",
    "synced": "producer_by_freshness",
}


@pytest.fixture
def member() -> Membership:
    """An organization of 3,000 producers, a hundred of them removed, as the planner knows it."""
    made = make_member()
    soon = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO producers_producer (organization_id, npn, last_name, sync_status, removed_at)
            SELECT %s, (3000000 + n)::text, 'Alder' || n, 'success', CASE WHEN n %% 30 = 0 THEN now() END
            FROM generate_series(1, 3000) AS n
            """,
            [made.organization_id],
        )
    License.objects.bulk_create(
        License(
            organization=made.organization,
            producer=producer,
            state="CA",
            number=producer.npn,
            is_active=True,
            expires_on=soon + timedelta(days=place % 700),
        )
        for place, producer in enumerate(Producer.objects.all())
    )
    with connection.cursor() as cursor:
        for table in ("producers_producer", "licenses_license", "appointments_appointment"):
            cursor.execute(f"ANALYZE {table}")
    return made


def plan(rows: QuerySet[Producer]) -> str:
    return rows[:51].explain()


@pytest.mark.parametrize("order", INDEXES)
def test_each_order_of_the_list_is_walked_along_its_index(member: Membership, order: str) -> None:
    told = plan(visible_producers(member).order_by(*ORDERS[order].by))
    assert INDEXES[order] in told
    assert "Sort" not in told
    # The index holds those alone who are here: nothing is read that is not shown.
    assert "removed_at" not in told


@pytest.mark.parametrize("order", ["-name", "-npn", "-synced"])
def test_each_order_is_walked_backward_too(member: Membership, order: str) -> None:
    told = plan(visible_producers(member).order_by(*ORDERS[order].by))
    assert "Backward" in told
    assert INDEXES[order.removeprefix("-")] in told


def test_lists_of_what_belongs_to_producers_ask_for_the_few_who_were_removed(member: Membership) -> None:
    told = plan(visible_licenses(member).order_by("expires_on", "id"))
    assert "producer_removed" in told or "producers_producer_pkey" in told
    assert "Seq Scan on producers_producer" not in told
    assert "Seq Scan on producers_producer" not in plan(visible_appointments(member).order_by("id"))
