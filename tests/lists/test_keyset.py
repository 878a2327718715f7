"""Paging by key: every row once and in order, with ties and nulls, whichever way a page is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce, Length
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.lists import keyset
from muster.lists.keyset import Order, Page, page_of, read_place, write_place
from muster.producers.models import NEVER, Producer
from tests.make import make_organization

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 11, 20, tzinfo=UTC)
ORDERS: dict[str, tuple[Order, Callable[[Producer], tuple[Any, ...]]]] = {
    "name": (Order(("sort_name", "id")), lambda one: (one.sort_name, one.pk)),
    "number": (Order(("digits", "npn")), lambda one: (len(one.npn), one.npn)),
    "freshness": (Order(("freshness", "id")), lambda one: (one.synced_at or NEVER, one.pk)),
    "age": (Order(("id",)), lambda one: (one.pk,)),
}

# Few different names and times, so that many rows are equal but for their last key.
people = st.lists(
    st.tuples(
        st.sampled_from(["Ångström", "angstrom", "O'Brien", "", "Zuñiga"]),
        st.one_of(st.none(), st.integers(0, 3).map(lambda days: DAY - timedelta(days=days))),
        st.sampled_from(["success", "queued"]),
    ),
    max_size=24,
)


def known(organization_id: int) -> QuerySet[Producer]:
    return Producer.objects.filter(organization_id=organization_id).annotate(
        digits=Length("npn"), freshness=Coalesce("synced_at", Value(NEVER))
    )


@pytest.fixture(params=["gathered", "walked", "walked in vain"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The ways of finding a page, for as few rows as a test can have."""
    if request.param != "gathered":
        monkeypatch.setattr(keyset, "CEILING", 2)
        monkeypatch.setattr(keyset, "STRETCH", 100 if request.param == "walked" else 1)
    return str(request.param)


def pages_forward(rows: QuerySet[Producer], among: QuerySet[Producer], order: Order, size: int) -> list[Page]:
    pages = [page_of(rows, among=among, order=order, size=size)]
    while pages[-1].next:
        pages.append(page_of(rows, among=among, order=order, size=size, after=pages[-1].next))
    return pages


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=people,
    size=st.integers(1, 7),
    name=st.sampled_from(sorted(ORDERS)),
    descending=st.booleans(),
    narrowed=st.booleans(),
)
def test_walking_all_pages_there_and_back_gives_every_row_once_and_in_order(
    way: str, drawn: list[Any], size: int, name: str, descending: bool, narrowed: bool
) -> None:
    organization = make_organization()
    Producer.objects.bulk_create(
        Producer(
            organization=organization,
            npn=str(7**number + 1),
            last_name=last,
            synced_at=at,
            sync_status=status,
        )
        for number, (last, at, status) in enumerate(drawn[:11])
    )
    order, key = ORDERS[name]
    order = Order(order.keys, descending)
    among = known(organization.pk)
    rows = among.filter(sync_status="success") if narrowed else among
    expected = [key(one)[-1] for one in sorted(rows, key=key, reverse=descending)]

    forward = pages_forward(rows, among, order, size)

    assert [one for page in forward for one in page.keys] == expected
    assert all(len(page.keys) == size for page in forward[:-1])
    assert {page.total for page in forward} == {len(expected) if len(expected) <= keyset.CEILING else None}
    back = [forward[-1]]
    while back[-1].previous:
        back.append(page_of(rows, among=among, order=order, size=size, before=back[-1].previous))
    assert [page.keys for page in reversed(back)] == [page.keys for page in forward]


def test_a_place_survives_the_removal_of_its_row() -> None:
    organization = make_organization()
    for number in range(6):
        Producer.objects.create(organization=organization, npn=str(100 + number), last_name=f"A{number}")
    rows, (order, _) = known(organization.pk), ORDERS["name"]
    first = page_of(rows, among=rows, order=order, size=2)
    Producer.objects.get(npn="101").delete()
    second = page_of(rows, among=rows, order=order, size=2, after=first.next or "")
    assert list(rows.filter(id__in=second.keys).values_list("npn", flat=True).order_by("npn")) == [
        "102",
        "103",
    ]


def test_a_place_beyond_which_nothing_is_left_gives_the_first_page() -> None:
    organization = make_organization()
    for number in range(3):
        Producer.objects.create(organization=organization, npn=str(100 + number), last_name=f"A{number}")
    rows, (order, _) = known(organization.pk), ORDERS["name"]
    first = page_of(rows, among=rows, order=order, size=2)
    Producer.objects.get(npn="102").delete()
    page = page_of(rows, among=rows, order=order, size=2, after=first.next or "")
    assert (page.keys, page.previous, page.next) == (first.keys, None, None)


@pytest.mark.parametrize(
    "place",
    [
        "x",
        "####",
        "é",
        write_place([]),
        write_place(["a"]),
        write_place(["a", "b"]),
        write_place(["a\0b", 1]),
        write_place([1, 2, 3]),
        write_place([None, 1]),
        write_place([{"a": 1}, 1]),
        write_place(["\ud800", 1]),
        write_place(["a", "9" * 5000]),
        "WzFlOTk5LDFd",
    ],
)
def test_a_place_that_nobody_wrote_gives_the_first_page(place: str) -> None:
    organization = make_organization()
    made = Producer.objects.create(organization=organization, npn="100", last_name="A")
    rows, (order, _) = known(organization.pk), ORDERS["name"]
    assert page_of(rows, among=rows, order=order, size=2, after=place).keys == [made.pk]


def test_a_place_tells_times_and_numbers_as_they_were() -> None:
    rows, (order, _) = known(make_organization().pk), ORDERS["freshness"]
    keys = (DAY + timedelta(microseconds=5), 2**62)
    assert read_place(write_place(keys), rows=rows, order=order) == keys


def test_an_order_of_something_unknown_is_a_fault_of_the_program() -> None:
    rows = known(make_organization().pk)
    with pytest.raises(LookupError, match="nonsense"):
        page_of(rows, among=rows, order=Order(("nonsense",)), size=2, after=write_place([1]))
