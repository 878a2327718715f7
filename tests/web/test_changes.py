"""The feed of changes: the page with its filters, and the file of all that match."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

from muster.access.models import Membership
from muster.audit.models import Event
from muster.console.activity.sentences import tell as tell_event
from muster.console.changes.address import query_of, selection_of
from muster.console.changes.sentences import tell
from muster.history.context import changing
from muster.history.models import Change, Source
from muster.history.queries import ChangeSelection, changes_of
from muster.licenses.models import License
from muster.producers.models import Producer
from tests.make import (
    make_appointment,
    make_license,
    make_line,
    make_member,
    make_organization,
    make_producer,
)
from tests.web.change_makers import NOON, a_phone
from tests.web.query_counts import same_number_of_queries

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db

FEED = "/changes/"
OPERATION = UUID("5b0ba4d2-1c5c-4a40-9c5f-6f9c1b1a1111")


@pytest.fixture
def member() -> Membership:
    return make_member(name="Robin Field")


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


@pytest.fixture
def producer(member: Membership) -> Producer:
    return make_producer(
        member.organization, npn="4711", first_name="Maeve", last_name="O'Hara", synced_at=NOON
    )


def test_the_feed_names_the_states_that_told_alike(browsing: Client, producer: Producer) -> None:
    for pk, state in enumerate(("TX", "AZ"), 1):
        Change.objects.bulk_create(
            [a_phone(pk, state, organization=producer.organization, producer_id=producer.pk, record_id=pk)]
        )
    page = text(browsing)
    assert page.count("Phone changed in 2 states: (520) 555-0181") == 1
    assert "Arizona, Texas" in page
    assert "2 changes" in page
    assert "Registry sync" in page


# --- the feed --------------------------------------------------------------------------------------


def text(browsing: Client, query: str = "") -> str:
    response = browsing.get(f"{FEED}{query}")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?npn=banana", "“banana” is no NPN"),
        ("?from=2026-03-05&to=2026-03-01", "The first day is later than the last one"),
        ("?npn=999", "Take filters off"),
    ],
)
def test_a_filter_that_nothing_can_match_is_told(query: str, words: str, browsing: Client) -> None:
    assert words in text(browsing, query)


def titles(browsing: Client, query: str = "") -> list[str]:
    return [told.title for told in browsing.get(f"{FEED}{query}").context["changes"]]


def test_a_change_shows_producer_fields_source_person_and_import(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    with changing(source=Source.FILE, by_id=member.user_id, operation_id=OPERATION, at=NOON):
        Producer.objects.filter(pk=producer.pk).update(email="<b>@harbor.example")
    shown = text(browsing)
    for words in (
        'href="/producers/4711/"', "Maeve O&#x27;Hara", "Email added", "&lt;b&gt;@harbor.example",
        "From an uploaded file", "Robin Field", f"/imports/{OPERATION}/", "Thursday, March 5, 2026",
    ):  # fmt: skip
        assert words in shown
    assert "<b>@harbor" not in shown


def test_an_empty_feed_says_when_it_fills(browsing: Client) -> None:
    shown = text(browsing)
    assert "Nothing has changed yet" in shown
    assert "Download as CSV" not in shown


def test_nothing_of_another_organization_is_shown_or_exported(browsing: Client) -> None:
    theirs = make_producer(make_organization(), npn="99", synced_at=NOON)
    make_license(theirs, number="Theirs")
    for query in ("", "?npn=99", "?kind=license"):
        assert titles(browsing, query) == []
        assert len(exported(browsing, query)) == 1


FILTERS = [
    ("", {"tx", "ga", "line", "old"}),
    ("?kind=license", {"tx", "ga", "old"}),
    ("?kind=license&kind=line", {"tx", "ga", "line", "old"}),
    ("?state=TX", {"tx", "line", "old"}),
    ("?state=TX&kind=line", {"line"}),
    ("?verb=gone", {"ga"}),
    ("?npn=11", {"tx", "line", "old"}),
    ("?npn=0011", {"tx", "line", "old"}),
    ("?npn=nobody", set()),
    ("?npn=0", set()),
    ("?from=2026-03-05", {"tx", "ga", "line"}),
    ("?to=2026-03-04", {"old"}),
    ("?from=2026-03-04&to=2026-03-04", {"old"}),
    ("?from=9999-12-31&to=9999-12-31", set()),
    ("?from=0001-01-01", {"tx", "ga", "line", "old"}),
    ("?from=2026-03-06&to=2026-03-01", set()),
    ("?kind=nonsense&state=zz&from=yesterday&to=2026-02-30&verb=x&after=x&before=y",
     {"tx", "ga", "line", "old"}),
]  # fmt: skip


@pytest.fixture
def four(member: Membership) -> dict[str, int]:
    """Four changes: of a license in Texas on two days, of its line, and of a license in Georgia."""
    first, second = (make_producer(member.organization, npn=npn, synced_at=NOON) for npn in ("11", "12"))
    with transaction.atomic():
        with changing(source=Source.REGISTRY, at=NOON - timedelta(days=1)):
            make_license(first, "TX", number="1")
        unsynced = Producer.objects.filter(pk=second.pk)
        unsynced.update(synced_at=None)
        gone = make_license(Producer.objects.get(pk=second.pk), "GA", number="2")
        unsynced.update(synced_at=NOON)
        line_of = License.objects.get(number="1")
        with changing(source=Source.REGISTRY, at=NOON):
            make_license(first, "TX", number="3")
            make_line(line_of, "Casualty")
            License.objects.filter(pk=gone.pk).update(gone_at=NOON)
    names = {("license", "1"): "old", ("license", "3"): "tx", ("license", "2"): "ga", ("line", None): "line"}
    return {
        names[change.kind, change.about.get("number")]: change.pk
        for change in Change.objects.exclude(kind="producer")
    }


@pytest.mark.parametrize(("query", "shows"), FILTERS)
def test_the_feed_is_filtered_as_the_address_says(
    browsing: Client, four: dict[str, int], query: str, shows: set[str]
) -> None:
    assert len(titles(browsing, query)) == len(shows)
    of = {
        "tx": "Texas license 3 added", "ga": "Georgia license 2 no longer listed",
        "line": "Line Casualty added in Texas", "old": "Texas license 1 added",
    }  # fmt: skip
    assert set(titles(browsing, query)) == {of[name] for name in shows}
    rows = exported(browsing, query)
    assert {row[5] for row in rows[1:]} == {of[name] for name in shows}


@pytest.mark.parametrize(("query", "shows"), FILTERS)
def test_what_the_address_asks_for_can_be_written_as_an_address(query: str, shows: set[str]) -> None:
    selection = selection_of(QueryDict(query.lstrip("?")))
    assert selection_of(QueryDict(query_of(selection).lstrip("?"))) == selection


def test_the_days_are_those_of_the_site(browsing: Client, producer: Producer, settings: Any) -> None:
    settings.TIME_ZONE = "America/New_York"
    with transaction.atomic(), changing(source=Source.REGISTRY, at=datetime(2026, 3, 6, 3, tzinfo=UTC)):
        make_license(producer)
    assert len(titles(browsing, "?from=2026-03-05&to=2026-03-05")) == 1
    assert titles(browsing, "?from=2026-03-06") == []


def test_a_filter_that_is_on_can_be_taken_off(browsing: Client, four: dict[str, int]) -> None:
    shown = text(browsing, "?kind=license&state=TX&from=2026-03-05")
    for chip in ("License", "Texas", "From Mar 5, 2026"):
        assert f">{chip}<i" in shown
    assert "No change matches" in text(browsing, "?npn=4")


def test_pages_follow_one_another_newest_first_and_keep_the_filter(
    browsing: Client, producer: Producer
) -> None:
    with transaction.atomic():
        for number in range(120):
            # Many at the same moment, as a batch of reports writes them.
            with changing(source=Source.REGISTRY, at=NOON + timedelta(minutes=number // 40)):
                make_license(producer, "TX" if number % 2 else "GA", number=str(number))
    seen: list[str] = []
    query = "?state=TX"
    while query:
        response = browsing.get(FEED + query)
        seen += [told.title for told in response.context["changes"]]
        query = response.context["next_url"]
    assert seen == [f"Texas license {number} added" for number in range(119, 0, -2)]
    back = browsing.get(FEED + response.context["previous_url"])
    assert [told.title for told in back.context["changes"]] == seen[:50]


def test_the_feed_takes_as_many_queries_for_many_as_for_one(browsing: Client, producer: Producer) -> None:
    for count in (1, 30):
        for _ in range(count):
            make_line(make_license(producer))
            make_appointment(make_producer(producer.organization, synced_at=NOON))
        with same_number_of_queries("change-list"):
            browsing.get(FEED)


def test_changes_of_a_producer_take_one_query_and_are_shown_without_the_name(producer: Producer) -> None:
    make_license(producer, number="1")
    make_license(make_producer(producer.organization, synced_at=NOON), number="2")
    Producer.objects.filter(pk=producer.pk).update(last_name="Pike")
    with CaptureQueriesContext(connection) as asked:
        told = [tell(change) for change in changes_of(producer, limit=10)]
    assert len(asked) == 1
    assert [one.title for one in told] == ["Name changed", "California license 1 added"]
    html = render_to_string("changes/rows.html", {"changes": told})
    assert "Name changed" in html
    assert "/producers/4711/" not in html
    assert [change.about for change in changes_of(producer, limit=1)] == [
        {"npn": "4711", "first_name": "Maeve", "last_name": "Pike"}
    ]


def test_changes_of_a_producer_who_was_removed_still_tell_the_npn(
    browsing: Client, producer: Producer
) -> None:
    make_license(producer)
    producer.delete()
    shown = text(browsing)
    assert "NPN 4711, removed" in shown
    assert "A producer who was removed" in shown
    assert "Producer Maeve O&#x27;Hara removed" in shown


# --- the file --------------------------------------------------------------------------------------


def exported(browsing: Client, query: str = "") -> list[list[str]]:
    response = browsing.get(f"{FEED}export/{query}")
    assert response.status_code == 200
    told = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(told)))


def test_the_file_has_every_change_in_words_and_is_on_record(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    with changing(source=Source.REGISTRY, at=NOON):
        license = make_license(producer, "TX", number="=1+1")
        License.objects.filter(pk=license.pk).update(is_active=False, expires_on=date(2026, 3, 5))
    header, newest, oldest = exported(browsing)
    assert header[:6] == ["Time", "NPN", "Producer", "Kind", "State", "What happened"]
    assert newest[1:6] == [
        "4711",
        "Maeve O'Hara",
        "License",
        "Texas",
        "Texas license =1+1: active → inactive",
    ]
    assert newest[6:] == [
        "Expires: Jan 1, 2099; Status: Active", "Expires: Mar 5, 2026; Status: Inactive",
        "Registry sync", "", "",
    ]  # fmt: skip
    assert oldest[6] == ""
    event = Event.objects.get(kind="changes:export")
    assert (event.by, event.organization, event.data) == (member.user, member.organization, {"rows": 2})
    assert tell_event(event).text(event.data) == "exported 2 changes of records"


def test_a_file_is_on_record_even_if_its_reader_goes_away(
    browsing: Client, producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("muster.history.queries.EXPORTED_AT_A_TIME", 3)
    monkeypatch.setattr("muster.console.changes.views.LINES_AT_A_TIME", 2)
    for number in range(9):
        make_license(producer, number=str(number))
    response = browsing.get(f"{FEED}export/")
    next(iter(response.streaming_content))
    # The client's own way to close the answer, which leaves the test its connection.
    response._iterator.close()
    event = Event.objects.get(kind="changes:export")
    assert 0 < event.data["rows"] < 9


def test_asking_for_the_file_counts_nothing(browsing: Client, producer: Producer) -> None:
    with CaptureQueriesContext(connection) as asked:
        browsing.get(f"{FEED}export/")
    assert not [one["sql"] for one in asked if "COUNT" in one["sql"] and "history_change" in one["sql"]]


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_of_the_file_is_a_formula(browsing: Client, producer: Producer, start: str) -> None:
    Producer.objects.filter(pk=producer.pk).update(first_name=f"{start}cmd()")
    assert all(not cell.startswith(start) for row in exported(browsing) for cell in row)
    assert f"'{start}cmd() O'Hara" in exported(browsing)[1]


def test_the_file_is_read_a_page_at_a_time_and_complete(
    browsing: Client, producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("muster.history.queries.EXPORTED_AT_A_TIME", 7)
    for number in range(30):
        make_license(producer, number=str(number))
    rows = exported(browsing)[1:]
    assert [row[5] for row in rows] == [f"California license {number} added" for number in range(29, -1, -1)]


def test_the_file_takes_the_same_memory_however_long_it_is(
    browsing: Client, member: Membership, producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("muster.history.queries.EXPORTED_AT_A_TIME", 100)
    monkeypatch.setattr("muster.console.changes.views.LINES_AT_A_TIME", 50)

    def peak(changes: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO history_change (
                    organization_id, producer_id, kind, verb, record_id, about, old, new, source
                )
                SELECT %s, %s, 'license', 'changed', n, '{"number": "1"}', '{"is_active": true}',
                       '{"is_active": false}', 'registry'
                FROM generate_series(1, %s) AS n
                """,
                [member.organization_id, producer.pk, changes],
            )
        response = browsing.get(f"{FEED}export/")
        tracemalloc.start()
        for _ in response.streaming_content:
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    few, many = peak(300), peak(900)
    assert many < few * 1.3


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_the_feed_follows_the_filters(
    page: Page, live_server: Any, browsing: Client, producer: Producer
) -> None:
    make_license(producer, "TX", number="1")
    make_license(producer, "GA", number="2")
    page.context.add_cookies(
        [{"name": "sessionid", "value": browsing.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.goto(live_server.url + FEED)
    assert page.get_by_text("2 changes").is_visible()
    page.get_by_label("State").select_option("GA")
    page.get_by_text("Texas license 1 added").wait_for(state="detached")
    assert page.get_by_text("Georgia license 2 added").is_visible()
    assert "state=GA" in page.url
    page.get_by_text("As it was added").click()
    assert page.get_by_text("Nonresident").count() == 0
    assert page.get_by_text("Resident").is_visible()


def test_a_selection_that_leaves_nothing_out_does_not_narrow() -> None:
    assert not ChangeSelection().narrows
    assert ChangeSelection(state="TX").narrows
