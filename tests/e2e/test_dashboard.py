"""The first page, and the lists of licenses and appointments, in a real browser: on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from muster.access.models import Membership
from muster.bulk.models import Operation
from tests.e2e.listening import errors_of
from tests.e2e.test_shell import DESK, PHONE, SIZES, fits, log_in
from tests.make import (
    make_appointment,
    make_license,
    make_line,
    make_member,
    make_organization,
    make_producer,
)

pytestmark = pytest.mark.django_db(transaction=True)

PATHS = [
    "/",
    "/licenses/",
    "/licenses/?standing=any&sort=state",
    "/licenses/?q=nobody&state=CA",
    "/appointments/",
    "/appointments/?health=at_risk",
    "/appointments/?company=99999",
]


@pytest.fixture
def member() -> Membership:
    """An organization with something behind each figure; nothing of it stands at an edge of a day."""
    cache.clear()
    member = make_member(make_organization(name="Harbor Insurance"), name="Ada Alder")
    today = timezone.localdate()
    for number in range(6):
        producer = make_producer(
            member.organization, last_name=f"Alder{number}", sync_status=("success", "not_found")[number == 5]
        )
        for days in (-2, 3, 10, 24, 60, 400):
            make_line(
                make_license(producer, ("CA", "TX")[number % 2], expires_on=today + timedelta(days=days))
            )
        make_appointment(producer, company_name="Northstar Life", health="active")
        make_appointment(
            producer, "TX", health="at_risk", risks=["license_expired", "line_lost"][: number % 3]
        )
    make_license(producer, "NV", is_active=False)
    make_license(producer, "UT", gone_at=timezone.now())
    return member


@pytest.fixture
def quiet(page: Page, live_server: Any, member: Membership) -> Iterator[Page]:
    """A window at the first page, in which no script may fail and nothing may be refused."""
    said = errors_of(page)
    log_in(page, live_server, member)
    yield page
    assert said == []


def counted(page: Page) -> str:
    """What stands above the list that was led to."""
    return page.locator(".list-bar > p").inner_text()


@pytest.mark.parametrize("size", SIZES)
def test_figures_lead_to_lists_of_as_many(quiet: Page, live_server: Any, size: Any) -> None:
    quiet.set_viewport_size(size)
    for name, words in (
        ("6 Producers", "6 producers"),
        ("24 Licenses expire within 90 days", "24 licenses match"),
        ("6 Appointments at risk", "6 appointments match"),
        ("1 Could not be synced", "1 producer matches"),
        ("6 expired", "6 licenses match"),
        ("License expired 4", "4 appointments match"),
    ):
        quiet.goto(live_server.url)
        quiet.get_by_role("link", name=name, exact=True).click()
        expect(quiet.locator(".list-bar > p")).to_have_text(re.compile(words))


def test_the_next_step_leads_on(quiet: Page) -> None:
    expect(quiet.get_by_role("heading", name="1 not found at the registry")).to_be_visible()
    then = quiet.get_by_role("list", name="Then").get_by_role("link")
    expect(then).to_have_count(3)
    expect(then.nth(2)).to_contain_text("12 licenses expire within 14 days")
    quiet.get_by_role("link", name="See who").click()
    expect(quiet.get_by_text("1 producer matches")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_a_bar_is_reached_by_keyboard_and_leads_to_the_licenses_of_its_week(quiet: Page, size: Any) -> None:
    quiet.set_viewport_size(size)
    today = timezone.localdate()
    bars = quiet.locator(".weeks a")
    expect(bars).to_have_count(13)
    heights = [bar.bounding_box() for bar in quiet.locator(".weeks-bar > span").all()[:4]]
    drawn = [bool(box and min(box["width"], box["height"]) > 5) for box in heights]
    assert drawn == [True, True, False, True]

    quiet.get_by_role("link", name="6 expired").focus()
    quiet.keyboard.press("Tab")
    expect(bars.first).to_be_focused()
    quiet.keyboard.press("Tab")
    expect(bars.nth(1)).to_be_focused()
    expect(bars.nth(1)).to_have_accessible_name(re.compile("6 licenses expire"))
    quiet.keyboard.press("Enter")
    expect(quiet).to_have_url(
        re.compile(f"from={today + timedelta(days=7)}&to={today + timedelta(days=13)}$")
    )
    expect(quiet.locator(".list-bar > p")).to_have_text("6 licenses in force match")
    expect(quiet.locator("tbody tr")).to_have_count(6)


def test_what_moves_is_shown_anew_without_a_reload(quiet: Page, member: Membership, live_server: Any) -> None:
    operation = Operation.objects.create(
        id=uuid4(),
        organization=member.organization,
        kind="agent",
        state="running",
        source_name="class.csv",
        done=10,
        total=100,
    )
    quiet.goto(live_server.url)
    bar = quiet.get_by_role("region", name="Latest imports").get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "10")
    quiet.evaluate("window.stillHere = true")
    Operation.objects.filter(pk=operation.pk).update(done=60)
    expect(bar).to_have_attribute("aria-valuenow", "60")
    assert quiet.evaluate("window.stillHere")
    Operation.objects.filter(pk=operation.pk).update(state="done", done=100)
    expect(bar).to_have_count(0)
    assert quiet.evaluate("window.stillHere")


def test_the_list_of_licenses_follows_the_filters(quiet: Page, live_server: Any) -> None:
    quiet.goto(f"{live_server.url}/licenses/")
    assert counted(quiet) == "30 licenses in force"
    quiet.get_by_role("combobox", name="State", exact=True).select_option("Texas")
    expect(quiet.locator(".list-bar > p")).to_have_text("15 licenses in force match")
    quiet.get_by_role("searchbox", name="Producer’s name or NPN").press_sequentially("alder1", delay=20)
    expect(quiet.locator("tbody tr")).to_have_count(5)
    quiet.get_by_label("Expires up to").fill(str(timezone.localdate() + timedelta(days=20)))
    expect(quiet.locator("tbody tr")).to_have_count(2)
    quiet.get_by_role("combobox", name="Standing", exact=True).select_option("Expired")
    expect(quiet.locator("tbody tr")).to_have_count(1)
    quiet.locator(".list-chip").filter(has_text="Expired").click()
    expect(quiet.locator("tbody tr")).to_have_count(2)
    expect(quiet.locator("tbody").get_by_role("link", name="Alder1, Ada").first).to_have_attribute(
        "href", re.compile(r"/producers/[0-9]+/#licenses")
    )


def test_the_list_of_appointments_follows_the_filters(quiet: Page, live_server: Any) -> None:
    quiet.goto(f"{live_server.url}/appointments/")
    assert counted(quiet) == "12 appointments"
    quiet.get_by_role("link", name="At risk").click()
    expect(quiet.locator("tbody tr")).to_have_count(6)
    quiet.get_by_role("combobox", name="Reason", exact=True).select_option("Line of authority lost")
    expect(quiet.locator("tbody tr")).to_have_count(2)
    quiet.get_by_label("Company, by CoCode").press_sequentially("90102", delay=20)
    expect(quiet.get_by_text("No appointment matches")).to_be_visible()


@pytest.mark.parametrize("size", [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone")])
def test_pages_fit_the_window(quiet: Page, live_server: Any, size: Any) -> None:
    quiet.set_viewport_size(size)
    too_wide = []
    for path in PATHS:
        quiet.goto(live_server.url + path)
        if not fits(quiet):
            too_wide.append(path)
    assert too_wide == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_break_no_rule_of_accessibility(quiet: Page, live_server: Any, scheme: Any) -> None:
    quiet.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for path in PATHS:
        quiet.goto(live_server.url + path)
        found = Axe().run(quiet)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
