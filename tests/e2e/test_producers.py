"""The list of producers and the page of one, in a real browser: on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from muster.access.models import Membership
from muster.history.models import Change
from muster.producers.models import Producer
from muster.producers.queries import PAGE
from tests.e2e.listening import errors_of
from tests.e2e.test_shell import WINDOWS
from tests.make import (
    make_agency,
    make_appointment,
    make_assignment,
    make_license,
    make_line,
    make_member,
    make_organization,
    make_producer,
    with_ssn,
)

pytestmark = pytest.mark.django_db(transaction=True)

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SIZES = [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone")]


@pytest.fixture
def member() -> Membership:
    """An Agency Admin who may see SSNs, and more producers than a page holds."""
    member = make_member(make_organization(name="Harbor Insurance"), can_see_ssn=True)
    agency = make_agency(member.organization, name="Cedar & Stone Brokerage")
    for number in range(PAGE):
        make_producer(member.organization, last_name=f"Alder{number:02}", agency=agency, sync_status="queued")
    producer = make_producer(
        member.organization,
        npn="17654321",
        first_name="Beatriz",
        last_name="Núñez",
        agency=agency,
        sync_status="success",
        synced_at=timezone.now() - timedelta(minutes=5),
        **with_ssn("512346789"),
    )
    for state in ("CA", "TX", "NV"):
        make_line(make_license(producer, state, residency="R" if state == "CA" else "NR"), "Life")
        make_appointment(producer, state)
    make_assignment(producer)
    return member


@pytest.fixture
def quiet(page: Page, live_server: Any, client: Any, member: Membership) -> Iterator[Page]:
    """The member's window, in which nothing may fail in a script or be refused by the security policy."""
    client.force_login(member.user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    said = errors_of(page)
    yield page
    assert said == []


def rows(page: Page) -> Any:
    return page.locator("#producers tbody tr")


@pytest.mark.parametrize("size", SIZES)
def test_one_searches_filters_pages_opens_reveals_and_resyncs(
    quiet: Page, live_server: Any, size: Any
) -> None:
    quiet.set_viewport_size(size)
    quiet.goto(f"{live_server.url}/producers/")
    expect(quiet.get_by_text(f"{PAGE + 1} producers")).to_be_visible()

    quiet.get_by_role("link", name="Next").click()
    expect(rows(quiet)).to_have_count(1)
    quiet.get_by_role("link", name="Previous").click()
    expect(rows(quiet)).to_have_count(PAGE)

    # The list follows while one types, and so does the address.
    quiet.get_by_role("searchbox", name="Name or NPN").press_sequentially("nunez", delay=20)
    expect(rows(quiet)).to_have_count(1)
    expect(quiet).to_have_url(re.compile(r"q=nunez"))
    quiet.get_by_role("combobox", name="Licensed in").select_option("Texas")
    expect(quiet).to_have_url(re.compile(r"q=nunez&state=TX"))
    expect(quiet.get_by_role("link", name="Licensed in Texas")).to_be_visible()
    quiet.get_by_role("link", name="“nunez”").click()
    expect(quiet).to_have_url(re.compile(r"/producers/\?state=TX$"))
    expect(quiet.get_by_role("searchbox", name="Name or NPN")).to_have_value("")

    quiet.get_by_role("link", name="Núñez, Beatriz").click()
    expect(quiet.get_by_role("heading", name="Beatriz Núñez", level=1)).to_be_visible()
    quiet.get_by_role("navigation", name="On this page").get_by_role("link", name="Appointments").click()
    expect(quiet.get_by_role("heading", name="Appointments", level=2)).to_be_in_viewport()

    expect(quiet.get_by_text("•••-••-6789")).to_be_visible()
    quiet.get_by_role("button", name="Reveal").click()
    expect(quiet.get_by_text("512-34-6789")).to_be_visible()
    quiet.reload()
    expect(quiet.get_by_text("•••-••-6789")).to_be_visible()
    expect(quiet.get_by_text("512-34-6789")).to_have_count(0)

    quiet.get_by_role("button", name="Resync now").click()
    expect(quiet.locator("#sync")).to_contain_text("Queued")
    # The page asks by itself, and shows the new report when it is there.
    Producer.objects.filter(npn="17654321").update(
        sync_status="success", synced_at=timezone.now(), email="new@cedar.example"
    )
    expect(quiet.get_by_role("link", name="new@cedar.example")).to_be_visible()
    expect(quiet.locator("#sync")).to_contain_text("just now")


def test_going_back_brings_the_list_as_it_was(quiet: Page, live_server: Any) -> None:
    quiet.goto(f"{live_server.url}/producers/")
    quiet.get_by_role("searchbox", name="Name or NPN").fill("alder0")
    expect(rows(quiet)).to_have_count(10)
    rows(quiet).first.get_by_role("link").first.click()
    expect(quiet.get_by_role("heading", name="Ada Alder00", level=1)).to_be_visible()
    quiet.go_back()
    expect(rows(quiet)).to_have_count(10)
    expect(quiet.get_by_role("searchbox", name="Name or NPN")).to_have_value("alder0")


def test_statuses_are_ticked_one_beside_the_other(quiet: Page, live_server: Any) -> None:
    quiet.goto(f"{live_server.url}/producers/")
    quiet.get_by_role("button", name="Sync status").click()
    quiet.get_by_label("Success", exact=True).check()
    expect(rows(quiet)).to_have_count(1)
    quiet.get_by_label("Queued").check()
    expect(quiet.get_by_text(f"{PAGE + 1} producers match")).to_be_visible()
    expect(quiet).to_have_url(re.compile("status=queued&status=success"))


@pytest.mark.parametrize("size", SIZES)
def test_ticked_producers_are_synced_again(quiet: Page, live_server: Any, size: Any) -> None:
    Producer.objects.update(sync_status="not_started")
    quiet.set_viewport_size(size)
    quiet.goto(f"{live_server.url}/producers/")
    resync = quiet.get_by_role("button", name="Resync", exact=True)
    expect(resync).to_be_hidden()
    quiet.get_by_label("Tick Alder00, Ada").check()
    quiet.get_by_label("Tick Alder01, Ada").check()
    expect(quiet.get_by_text("2 ticked")).to_be_visible()
    resync.click()
    quiet.get_by_role("button", name="Resync 2 producers").click()
    expect(quiet.get_by_text("Queued for a sync").first).to_be_visible()
    assert Producer.objects.filter(sync_status="queued").count() == 2


def test_the_whole_page_is_ticked_at_once_and_acted_on_after_a_question(
    quiet: Page, live_server: Any
) -> None:
    Producer.objects.update(sync_status="not_started")
    quiet.goto(f"{live_server.url}/producers/?q=alder1")
    quiet.get_by_label("Tick every producer of this page").check()
    expect(quiet.get_by_text("10 ticked")).to_be_visible()
    quiet.get_by_role("button", name="Resync").click()
    expect(quiet.get_by_role("heading", name="Resync 10 producers?")).to_be_visible()
    quiet.get_by_role("button", name="Resync 10 producers").click()
    expect(quiet.get_by_text("Queued for a sync").first).to_be_visible()
    assert Producer.objects.filter(sync_status="queued").count() == 10


def test_an_agency_is_added_and_its_producers_are_one_click_away(quiet: Page, live_server: Any) -> None:
    quiet.goto(f"{live_server.url}/agencies/")
    quiet.get_by_role("link", name="Add agency").click()
    quiet.get_by_label("Name", exact=False).first.fill("Birch Agency")
    quiet.get_by_role("button", name="Add agency").click()
    expect(quiet.get_by_text("Birch Agency is on file.")).to_be_visible()
    quiet.get_by_role("link", name="Cedar & Stone Brokerage").click()
    expect(quiet.get_by_text(f"{PAGE + 1} producers match")).to_be_visible()


PATHS = [
    "/producers/",
    "/producers/?q=zzz&state=CA",
    "/producers/17654321/",
    "/producers/?columns=npn,email,agency,license_states&where=agency:filled&group=agency",
    "/agencies/",
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", PATHS)
def test_pages_of_producers_fit_the_window(quiet: Page, live_server: Any, size: Any, path: str) -> None:
    quiet.set_viewport_size(size)
    quiet.goto(live_server.url + path)
    assert quiet.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PATHS, "/agencies/new/"])
def test_pages_of_producers_break_no_rule_of_accessibility(
    quiet: Page, live_server: Any, path: str, scheme: Any
) -> None:
    quiet.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    quiet.goto(live_server.url + path)
    found = Axe().run(quiet)
    assert found.violations_count == 0, found.generate_report()


# --- one producer on a map ---------------------------------------------------------------------------


@pytest.fixture
def mapped(member: Membership) -> Producer:
    """A producer of whom every section of the page has something to tell."""
    now, today = timezone.now(), timezone.localdate()
    producer = make_producer(
        member.organization,
        npn="18000001",
        first_name="Ines",
        last_name="Duarte",
        sync_status="success",
        synced_at=now - timedelta(hours=3),
    )
    texas = make_license(producer, "TX", expires_on=today + timedelta(days=200))
    make_line(texas, "Life")
    for _ in range(3):
        make_appointment(producer, "TX")
    make_license(producer, "CA", residency="NR", expires_on=today + timedelta(days=12))
    make_license(producer, "OH", residency="NR", expires_on=today - timedelta(days=3))
    make_license(producer, "DC", residency="NR", is_active=False)
    make_appointment(producer, "OH", health="at_risk", risks=["license_expired"])
    make_assignment(producer, states=["TX", "NV"])
    Change.objects.create(
        organization=member.organization,
        producer_id=producer.pk,
        kind="license",
        verb="changed",
        state="OH",
        record_id=1,
        about={"number": "O-17"},
        old={"is_active": True},
        new={"is_active": False},
        source="registry",
    )
    return producer


@pytest.mark.parametrize(("size", "scheme"), WINDOWS)
def test_a_map_tells_how_a_producer_stands_and_a_state_leads_to_its_row(
    quiet: Page, live_server: Any, mapped: Producer, size: Any, scheme: Any
) -> None:
    quiet.set_viewport_size(size)
    quiet.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    quiet.goto(f"{live_server.url}/producers/{mapped.npn}/")
    texas = quiet.get_by_role("link", name=re.compile(r"^Texas: active, 3 appointments, expires "))
    expect(texas).to_have_count(1)
    # The outline comes from the sprite: without it a link would be as large as its letters.
    box = texas.bounding_box()
    letters = texas.locator("text").bounding_box()
    assert box
    assert letters
    assert box["width"] > 3 * letters["width"]
    paints = {
        name: quiet.locator(".us-state", has_text=f"{name}:")
        .locator("use")
        .evaluate("shape => getComputedStyle(shape).fill")
        for name in ("Texas", "California", "Ohio", "Nevada", "Utah")
    }
    assert len(set(paints.values())) == len(paints)

    texas.focus()
    quiet.keyboard.press("Enter")
    expect(quiet).to_have_url(re.compile("#state-TX$"))
    row = quiet.locator("#state-TX")
    expect(row).to_be_in_viewport()
    expect(row).to_contain_text("Texas")
    expect(row).to_contain_text("Active")
    assert quiet.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_table_says_what_the_map_says(quiet: Page, live_server: Any, mapped: Producer) -> None:
    quiet.goto(f"{live_server.url}/producers/{mapped.npn}/")
    on_map = {
        link.get_attribute("href"): link.get_attribute("aria-label")
        for link in quiet.locator("a.us-state, a.us-square").all()
    }
    rows = {f"#{row.get_attribute('id')}": row for row in quiet.locator("#states tbody tr").all()}
    assert set(on_map) == set(rows) == {f"#state-{state}" for state in ("CA", "DC", "NV", "OH", "TX")}
    for link, said in on_map.items():
        row = rows[link]
        name, words = str(said).split(": ")
        cells = [" ".join(cell.inner_text().split()) for cell in row.locator("th, td").all()]
        assert name in cells[0]
        standing, expires, appointed, at_risk, gaps = (cells[at] for at in (1, 3, 5, 6, 7))
        standing = {"None held": "no license, but one is needed"}.get(standing, standing.lower())
        parts = [standing]
        for count, noun in ((appointed, "appointment"), (at_risk, "appointment at risk"), (gaps, "gap")):
            if int(count):
                parts.append(f"{count} {noun}" if count == "1" else f"{count} {noun}s")
        if expires != "–":
            parts.append(f"{'expired' if standing == 'expired' else 'expires'} {expires}")
        assert words == ", ".join(parts)


@pytest.mark.parametrize("size", SIZES)
def test_each_figure_leads_to_its_section_and_each_gap_to_its_next_step(
    quiet: Page, live_server: Any, mapped: Producer, size: Any
) -> None:
    quiet.set_viewport_size(size)
    quiet.goto(f"{live_server.url}/producers/{mapped.npn}/")
    figures = quiet.get_by_role("navigation", name="At a glance")
    for words, section in [
        ("2 licenses in force", "licenses"),
        ("1 expiring within 90 days", "expiring"),
        ("1 gap", "gaps"),
        ("1 appointment at risk", "appointments"),
    ]:
        figure = figures.get_by_role("link", name=words)
        figure.click()
        expect(quiet).to_have_url(re.compile(f"#{section}$"))
        expect(quiet.locator(f"#{section} h2")).to_be_in_viewport()

    expect(quiet.locator("#expiring")).to_contain_text("12 days")
    expect(quiet.locator("#expiring").get_by_role("link", name="California")).to_be_visible()
    gap = quiet.locator("#gaps li").filter(has_text="No license")
    expect(gap.get_by_role("link", name="Apply for a license in Nevada")).to_be_visible()
    expect(quiet.locator("#appointments")).to_contain_text("License expired")
    expect(quiet.locator("#timeline")).to_contain_text("Ohio license O-17: active → inactive")
    quiet.get_by_role("link", name="All changes").click()
    expect(quiet).to_have_url(re.compile(r"/changes/\?npn=18000001$"))


@pytest.mark.parametrize(("size", "scheme"), WINDOWS)
def test_a_full_page_of_a_producer_breaks_no_rule_of_accessibility(
    quiet: Page, live_server: Any, mapped: Producer, size: Any, scheme: Any
) -> None:
    quiet.set_viewport_size(size)
    quiet.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    quiet.goto(f"{live_server.url}/producers/{mapped.npn}/")
    found = Axe().run(quiet)
    assert found.violations_count == 0, found.generate_report()


def test_the_page_of_a_producer_tells_all_without_scripts(
    browser: Any, client: Any, live_server: Any, member: Membership, mapped: Producer
) -> None:
    client.force_login(member.user)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    plain = context.new_page()
    plain.goto(f"{live_server.url}/producers/{mapped.npn}/")
    plain.get_by_role("link", name=re.compile("^District of Columbia: inactive")).click()
    expect(plain.locator("#state-DC")).to_be_in_viewport()
    expect(plain.locator("#timeline")).to_contain_text("active → inactive")
    context.close()
