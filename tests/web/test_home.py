"""The first page: figures that equal the lists behind them, what there is to do, and what moves."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership, Organization
from muster.access.permissions import Role
from muster.bulk.models import Operation
from muster.console.home import queries
from muster.console.home.views import CHANGED_WORDS
from muster.history.models import Change
from muster.producers.models import Producer, SyncStatus
from muster.registry.models import AlertDay, AlertsAccount
from muster.scorecards.models import Gap, Scorecard
from tests.make import (
    make_appointment,
    make_assignment,
    make_batch,
    make_license,
    make_member,
    make_organization,
    make_producer,
)
from tests.web.query_counts import same_number_of_queries
from tests.web.test_producers import text

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db

LONG_AGO = date(2020, 1, 1)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


@pytest.fixture
def today() -> date:
    return timezone.localdate()


def come_in(client: Client, role: Role = Role.ADMIN, organization: Organization | None = None) -> Membership:
    member = make_member(organization, role)
    client.force_login(member.user)
    return member


def make_operation(organization: Organization, **over: Any) -> Operation:
    return Operation.objects.create(
        id=uuid4(),
        organization=organization,
        **{"kind": "agent", "state": "done", "source_name": "a.csv", **over},
    )


def make_gap(producer: Producer, *gaps: tuple[str, str]) -> Scorecard:
    """A judged assignment with these gaps: state and kind."""
    assignment = make_assignment(producer)
    card = Scorecard.objects.create(
        assignment=assignment,
        organization_id=producer.organization_id,
        producer=producer,
        percent=50,
        lines=2,
        ready=1,
        judged_at=timezone.now(),
    )
    for state, kind in gaps:
        Gap.objects.create(
            organization_id=producer.organization_id, scorecard=card, state=state, kind=kind, lines=1
        )
    return card


def make_change(organization: Organization, kind: str, **over: Any) -> Change:
    return Change.objects.create(
        **{
            "organization": organization,
            "producer_id": 1,
            "kind": kind,
            "verb": "changed",
            "record_id": 1,
            "about": {},
            "old": {},
            "new": {},
            "at": timezone.now(),
            "source": "registry",
            **over,
        }
    )


# --- figures and the lists behind them -------------------------------------------------------------


def figures_of(answer: HttpResponse) -> dict[str, int]:
    """Each figure on the page by the address that it leads to."""
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    found = {}
    for address, inside in re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', main, re.DOTALL):
        if number := re.search(r'class="[^"]*\bnum\b[^"]*">([0-9,]+)', inside):
            found[unescape(address)] = int(number[1].replace(",", ""))
    return found


@pytest.fixture
def full(client: Client, today: date) -> Membership:
    """An organization with something behind each figure, beside another one with the same."""
    member = come_in(client)
    for organization in (member.organization, make_organization()):
        for status in SyncStatus:
            make_producer(organization, sync_status=status)
        producer = make_producer(organization, sync_status="success")
        for days in (-400, -1, 0, 6, 7, 7, 45, 84, 90, 91, 300):
            make_license(producer, expires_on=today + timedelta(days=days))
        make_license(producer, expires_on=None)
        make_license(producer, expires_on=today, is_active=False)
        make_license(producer, expires_on=today, gone_at=timezone.now())
        for risks in (["license_expired"], ["license_expired", "line_lost"], ["ended_by_state"]):
            make_appointment(producer, health="at_risk", risks=risks)
        make_appointment(producer, health="active")
        make_gap(producer, ("TX", "license_missing"), ("TX", "line_missing"), ("CA", "not_synced"))
        make_gap(producer, ("TX", "license_missing"))
        Change.objects.filter(organization=organization).delete()
        make_batch(producer, state="in_review")
        make_batch(producer)
        make_change(organization, "license")
        make_change(organization, "license", at=timezone.now() - timedelta(hours=1))
        make_change(organization, "address", state="TX")
        make_change(organization, "license", at=timezone.now() - timedelta(days=3))
    return member


def test_every_figure_equals_the_list_that_it_leads_to(client: Client, full: Membership, today: date) -> None:
    found = figures_of(client.get(reverse("home")))
    lists = {address: client.get(address).context["total"] for address in found}
    assert found == lists
    yesterday = today - timedelta(days=1)
    expected = {
        "/producers/": 10,
        "/producers/?problem=attention": 2,
        "/producers/?status=success": 2,
        "/licenses/?standing=expires-soon": 7,
        "/licenses/?standing=expired": 2,
        f"/licenses/?from={today}&to={today + timedelta(days=6)}": 2,
        f"/licenses/?from={today + timedelta(days=7)}&to={today + timedelta(days=13)}": 2,
        f"/licenses/?from={today + timedelta(days=84)}&to={today + timedelta(days=90)}": 2,
        "/appointments/?health=at_risk": 2,
        "/appointments/?risk=license_expired": 2,
        "/appointments/?risk=ended_by_state": 1,
        "/scorecards/?state=TX": 2,
        "/scorecards/?state=TX&gap=license_missing": 2,
        "/scorecards/?state=CA&gap=not_synced": 1,
        f"/changes/?kind=license&from={yesterday}": 2,
    }
    assert {address: found.get(address) for address in expected} == expected
    assert len([address for address in found if "from=" in address and "licenses" in address]) == 13


def test_every_task_that_counts_equals_the_list_that_it_leads_to(client: Client, full: Membership) -> None:
    context = client.get(reverse("home")).context
    told = {
        task.url: int(found[1].replace(",", ""))
        for task in (context["step"], *context["tasks"])
        if (found := re.match(r"([0-9,]+) ", task.title))
    }
    assert told == {address: client.get(address).context["total"] for address in told}
    assert told[f"{reverse('batch-list')}?state=in_review"] == 1
    assert len(told) == 8


def test_figures_are_those_of_the_own_organization(client: Client) -> None:
    theirs = make_producer(make_organization(), sync_status="success")
    make_license(theirs, expires_on=timezone.localdate())
    make_appointment(theirs, health="at_risk", risks=["line_lost"])
    make_gap(theirs, ("TX", "license_missing"))
    make_change(theirs.organization, "license")
    make_producer(come_in(client).organization, sync_status="success")
    page = client.get(reverse("home"))
    assert page.context["figures"].size == 0
    assert "Nothing needs you today" in text(page)


def test_what_the_registry_has_not_told_is_unknown_and_not_zero(client: Client) -> None:
    make_producer(come_in(client).organization, sync_status="queued")
    said = text(client.get(reverse("home")))
    assert "– Licenses expire within 90 days: known after the first sync" in said
    assert "Not known yet. Days of expiry come with the first sync." in said
    assert "1 report is on the way" in said


def test_none_is_said_where_the_registry_has_told(client: Client) -> None:
    make_producer(come_in(client).organization, sync_status="success")
    said = text(client.get(reverse("home")))
    assert "0 Licenses expire within 90 days" in said
    assert "None in the next 13 weeks." in said


def test_counts_of_many_records_are_kept_and_the_page_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MANY", 1)
    producer = make_producer(come_in(client).organization, sync_status="success")
    make_license(producer, expires_on=timezone.localdate())
    assert "Figures as of " in text(client.get(reverse("home")))
    make_license(producer, expires_on=timezone.localdate())
    assert client.get(reverse("home")).context["figures"].expiring.soon == 1


def test_every_kind_of_change_has_words() -> None:
    assert set(CHANGED_WORDS) == set(Change.Kind)


# --- the next step ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prepare", "title", "url"),
    [
        (lambda o, today: make_operation(o, state="ready"), "a.csv", "/imports/"),
        (lambda o, today: make_producer(o, sync_status="not_found"), "1 not found", "?status=not_found"),
        (
            lambda o, today: make_producer(o, sync_status="retry_error"),
            "1 could not be",
            "?status=retry_error",
        ),
        (lambda o, today: make_producer(o), "1 producer was never", "?status=not_started"),
        (
            lambda o, today: make_license(
                make_producer(o, sync_status="success"), expires_on=date(2020, 1, 1)
            ),
            "1 license has expired",
            "/licenses/?standing=expired",
        ),
        (
            lambda o, today: make_appointment(
                make_producer(o, sync_status="success"), health="at_risk", risks=["line_lost"]
            ),
            "1 appointment is at risk",
            "/appointments/?health=at_risk",
        ),
        (
            lambda o, today: make_license(
                make_producer(o, sync_status="success"), expires_on=today + timedelta(days=13)
            ),
            "1 license expires within 14 days",
            "/licenses/?from=",
        ),
        (
            lambda o, today: make_gap(make_producer(o, sync_status="success"), ("TX", "line_missing")),
            "1 assignment has gaps in Texas",
            "/scorecards/?state=TX",
        ),
    ],
)
def test_the_one_thing_that_is_to_do_leads_the_page(
    prepare: Callable[[Organization, date], object], title: str, url: str, client: Client, today: date
) -> None:
    prepare(come_in(client).organization, today)
    context = client.get(reverse("home")).context
    assert context["step"].title.startswith(title)
    assert url in context["step"].url
    assert context["tasks"] == []


def test_a_refused_password_comes_before_all_else(client: Client, full: Membership) -> None:
    make_operation(full.organization, state="blocked")
    AlertsAccount.objects.create(refused_since=timezone.now(), reason="The registry refused us.")
    page = client.get(reverse("home"))
    assert page.context["step"].title == "The registry refuses our user name or password"
    assert page.context["step"].url == reverse("registry")


def test_what_keeps_muster_from_knowing_comes_first(client: Client, full: Membership) -> None:
    make_operation(full.organization, state="blocked")
    context = client.get(reverse("home")).context
    assert [task.title.partition(" ")[2] or task.title for task in (context["step"], *context["tasks"])] == [
        "a.csv",
        "not found at the registry",
        "could not be synced",
        "producer was never synced",
        "batch in review",
        "licenses have expired",
        "appointments are at risk",
        "licenses expire within 14 days",
        "assignments have gaps in Texas",
    ]


# --- what moves ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "state", "many", "seconds"),
    [
        ("success", "running", 9, 5),
        ("success", "checking", 9, 5),
        ("queued", "done", 9, 5),
        ("queued", "done", 1, 15),
        ("error", "done", 9, 30),
    ],
)
def test_the_whole_page_is_asked_for_again_sooner_while_something_moves(
    client: Client, monkeypatch: pytest.MonkeyPatch, status: str, state: str, many: int, seconds: int
) -> None:
    monkeypatch.setattr(queries, "MANY", many)
    member = come_in(client)
    make_producer(member.organization, sync_status=status)
    make_operation(member.organization, state=state, done=3, total=10)
    page = client.get(reverse("home")).content.decode()
    asks = f'hx-get="/" hx-select="#home" hx-swap="outerHTML" hx-trigger="every {seconds}s"'
    assert re.findall(r"hx-[^>]*", page.partition("<main")[2]) == [asks]


@pytest.mark.parametrize(
    ("days", "words", "tried"),
    [
        ([1], "{day:%A}’s alerts could not be read", True),
        ([7], "The alerts of {day:%b} {day.day} could not be read", True),
        ([1, 2], "The alerts of 2 days could not be read", True),
        ([1], "", False),
    ],
)
def test_alerts_that_could_not_be_read_are_told_with_the_next_try(
    client: Client, today: date, days: list[int], words: str, tried: bool
) -> None:
    make_producer(come_in(client).organization, sync_status="success")
    AlertDay.objects.create(day=today - timedelta(40), state="broken", tries=9)
    for before in days:
        AlertDay.objects.create(
            day=today - timedelta(before),
            tries=int(tried),
            next_at=datetime(2026, 1, 5, 15, 30, tzinfo=UTC),
        )
    page = client.get(reverse("home"))
    expected = words.format(day=today - timedelta(days[0]))
    if tried:
        assert f"{expected}; next try Mon, Jan 5, 10:30 AM" in text(page)
        assert (page.context["step"].title, page.context["step"].url) == (expected, "/registry/")
    else:
        assert "could not be read" not in text(page)


def test_more_kinds_of_gap_than_are_shown_are_counted(client: Client) -> None:
    kinds = ("license_missing", "line_missing", "appointment_missing", "license_expired", "line_inactive")
    producer = make_producer(come_in(client).organization, sync_status="success")
    make_gap(producer, *[("TX", kind) for kind in kinds])
    make_gap(producer, *[("CA", kind) for kind in kinds[:4]])
    make_gap(producer, *[("NY", kind) for kind in kinds[:3]])
    said = text(client.get(reverse("home")))
    assert [said.count(words) for words in ("and 2 more kinds", "and 1 more kind ", "more kind")] == [1, 1, 2]


def test_the_daily_alerts_are_told_with_their_last_and_next_run(client: Client) -> None:
    make_producer(come_in(client).organization)
    assert "Daily alerts not run yet · next " in text(client.get(reverse("home")))
    AlertsAccount.objects.create(ran_at=datetime(2026, 1, 5, 15, 30, tzinfo=UTC), reason="Too slow.")
    said = text(client.get(reverse("home")))
    assert "Daily alerts : the last run ended early last run Mon, Jan 5, 10:30 AM · next " in said


def test_without_an_alerts_service_nothing_is_told_of_it(client: Client, settings: Any) -> None:
    settings.MUSTER_ALERTS = {**settings.MUSTER_ALERTS, "url": ""}
    make_producer(come_in(client).organization)
    assert "Daily alerts" not in text(client.get(reverse("home")))


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_figures_follow_by_themselves_and_take_no_focus_away(
    page: Page, live_server: Any, client: Client
) -> None:
    organization = come_in(client).organization
    make_producer(organization, sync_status="success")
    session = client.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": session.value, "url": live_server.url}])
    page.clock.install()
    page.goto(live_server.url)
    figure = page.locator(".home-figures .h2").first
    assert figure.inner_text() == "1"
    make_producer(organization, sync_status="queued")
    with page.expect_response(live_server.url + "/"):
        page.clock.fast_forward("00:31")
    page.wait_for_function("document.querySelector('.home-figures .h2').textContent === '2'")
    link = page.get_by_role("link", name="All scorecards")
    link.focus()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.fast_forward("00:31")
    assert link.evaluate("link => link === document.activeElement")
    # The bell asks for itself, and takes no focus.
    assert [url for url in asked if "/notices/" not in url] == []
    Session.objects.all().delete()
    link.blur()
    page.clock.fast_forward("00:31")
    # Who is logged out meanwhile finds the login, and not an empty page.
    page.wait_for_url("**/accounts/login/**")


@pytest.mark.parametrize(("path", "part"), [("/scorecards/", "no-scorecards"), ("/changes/", "no-changes")])
def test_an_open_list_that_is_empty_follows_too(client: Client, path: str, part: str) -> None:
    come_in(client)
    asks = f'id="{part}" data-fresh hx-get="{path}" hx-select="#{part}" hx-swap="outerHTML"'
    assert asks in client.get(path).content.decode()


@pytest.mark.parametrize(
    ("path", "part", "place"),
    [
        ("/scorecards/?state=TX", "scorecards", 'id="scorecards" class="list-answer"'),
        ("/changes/?state=TX", "changes", 'id="changes"'),
    ],
)
def test_the_first_page_of_an_open_list_follows_as_the_address_asks(
    client: Client, path: str, part: str, place: str
) -> None:
    organization = come_in(client).organization
    for _ in range(51):
        make_gap(make_producer(organization), ("TX", "line_missing"))
        make_change(organization, "license", state="TX")
    asks = (
        f'{place} data-fresh hx-get="{path}" hx-select="#{part}" hx-swap="outerHTML" hx-trigger="every 30s"'
    )
    answer = client.get(path)
    assert asks in answer.content.decode()
    assert "data-fresh" not in client.get(f"/{part}/{answer.context['next_url']}").content.decode()


# --- the sync, and imports -------------------------------------------------------------------------


def test_an_empty_organization_is_shown_the_one_next_step(client: Client) -> None:
    come_in(client, Role.SPECIALIST)
    page = client.get(reverse("home")).content.decode()
    assert "Import your producers" in page
    assert "Registry sync" not in page


def test_who_may_not_import_is_told_who_does(client: Client) -> None:
    come_in(client, Role.VIEWER)
    page = client.get(reverse("home")).content.decode()
    assert "Import your producers" not in page
    assert "A Licensing Specialist or an Agency Admin" in page


def test_the_first_page_counts_the_producers_of_this_organization_by_sync_status(client: Client) -> None:
    member = come_in(client)
    for status in [
        "success",
        "success",
        "success_no_licenses",
        "queued",
        "timeout",
        "not_found",
        "retry_error",
    ]:
        make_producer(member.organization, sync_status=status)
    make_producer(make_organization(), sync_status="success")
    context = client.get(reverse("home")).context
    assert context["counts"].total == 7
    assert [context[group] for group in ("in_sync", "waiting", "not_found", "gave_up")] == [3, 2, 1, 1]
    assert sum(line.count for line in context["lines"]) == 7


def test_every_sync_status_has_a_place_on_the_first_page(client: Client) -> None:
    member = come_in(client)
    for status in SyncStatus:
        make_producer(member.organization, sync_status=status)
    context = client.get(reverse("home")).context
    assert {line.status for line in context["lines"]} == set(SyncStatus)
    groups = ("in_sync", "waiting", "not_found", "gave_up")
    assert sum(context[group] for group in groups) == len(SyncStatus)


def test_counts_of_many_producers_are_kept_and_the_page_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = come_in(client)
    monkeypatch.setattr(queries, "MANY", 2)
    make_producer(member.organization)
    assert client.get(reverse("home")).context["counts"].is_kept is False
    make_producer(member.organization)
    page = client.get(reverse("home"))
    assert "as of " in page.content.decode()
    make_producer(member.organization)
    assert client.get(reverse("home")).context["counts"].total == 2


def test_kept_counts_of_one_organization_are_not_shown_to_another(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MANY", 1)
    make_producer(come_in(client).organization)
    assert client.get(reverse("home")).context["counts"].total == 1
    other = Client()
    come_in(other)
    assert other.get(reverse("home")).context["counts"].total == 0


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("ready", "is checked and waits for you to process it"),
        ("blocked", "cannot be read"),
        ("stalled", "was stopped by a fault"),
        ("done_with_failures", "some rows were rejected"),
    ],
)
def test_an_import_that_waits_for_a_person_needs_attention(client: Client, state: str, words: str) -> None:
    make_operation(come_in(client).organization, state=state)
    assert words in client.get(reverse("home")).content.decode()


def test_nobody_is_asked_to_do_what_their_role_does_not_allow(client: Client) -> None:
    make_operation(come_in(client, Role.VIEWER).organization, state="ready")
    assert client.get(reverse("home")).context["waits"] == []


@pytest.mark.parametrize("state", ["done", "canceled", "checking", "running"])
def test_an_import_that_needs_nobody_is_only_listed(client: Client, state: str) -> None:
    make_operation(come_in(client).organization, state=state)
    page = client.get(reverse("home"))
    assert page.context["waits"] == []
    assert "a.csv" in page.content.decode()


def test_what_nobody_mended_for_weeks_is_left_in_peace(client: Client) -> None:
    operation = make_operation(come_in(client).organization, state="blocked")
    Operation.objects.filter(pk=operation.pk).update(created_at=timezone.now() - timedelta(days=15))
    assert client.get(reverse("home")).context["waits"] == []


def test_a_workbook_that_is_being_read_tells_the_rows_read_and_no_percentage(client: Client) -> None:
    make_operation(come_in(client).organization, state="checking", done=1_200, total=None)
    page = client.get(reverse("home")).content.decode()
    assert "1,200 rows read" in page
    assert "progress-bar-indeterminate" in page
    assert "aria-valuenow" not in page


def test_imports_of_another_organization_are_not_shown(client: Client) -> None:
    make_operation(make_organization(), state="ready", source_name="theirs.csv")
    make_operation(come_in(client).organization, source_name="ours.csv")
    page = client.get(reverse("home")).content.decode()
    assert "theirs.csv" not in page
    assert "ours.csv" in page


@pytest.mark.parametrize("producers", [0, 3, 30])
def test_the_first_page_costs_as_many_queries_for_few_producers_as_for_many(
    client: Client, producers: int
) -> None:
    member = come_in(client)
    for _ in range(producers):
        producer = make_producer(member.organization)
        make_operation(member.organization)
        make_license(producer, expires_on=timezone.localdate())
        make_appointment(producer, health="at_risk", risks=["line_lost"])
        make_gap(producer, ("TX", "line_missing"))
        make_change(member.organization, "license")
    with same_number_of_queries("home"):
        client.get(reverse("home"))
