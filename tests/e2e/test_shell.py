"""The frame in a real browser: logging in, the theme, the menu, logging out; on a desk and on a phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Page, expect

from muster.access.models import Membership
from muster.access.permissions import Role
from tests.make import PASSWORD, make_member, make_organization, make_producer

pytestmark = pytest.mark.django_db(transaction=True)

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SIZES = [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone")]
WINDOWS = [pytest.param(DESK, "light", id="desk-light"), pytest.param(PHONE, "dark", id="phone-dark")]
"""Each size and each scheme, in two passes rather than four."""

PATHS = [
    "/",
    "/people/",
    "/people/new/",
    "/activity/",
    "/account/",
    "/people/api-tokens/",
    "/people/api-tokens/new/",
    "/accounts/2fa/",
    "/accounts/password/change/",
]


@pytest.fixture
def member() -> Membership:
    cache.clear()
    member = make_member(make_organization(name="Harbor Insurance"), Role.ADMIN, name="Ada Alder")
    for status in ("success", "queued", "not_found"):
        make_producer(member.organization, sync_status=status)
    return member


def log_in(page: Page, site: Any, member: Membership) -> None:
    page.goto(site.url)
    page.get_by_label("Email").fill(member.user.email)
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Home", level=1)).to_be_visible()


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("size", SIZES)
def test_one_logs_in_sees_home_goes_dark_and_logs_out(
    quiet: Page, live_server: Any, member: Membership, size: Any
) -> None:
    quiet.set_viewport_size(size)
    log_in(quiet, live_server, member)
    expect(quiet.get_by_role("link", name="3 Producers")).to_be_visible()

    quiet.get_by_role("button", name="Your account").filter(visible=True).click()
    quiet.get_by_role("button", name="Dark").filter(visible=True).click()
    expect(quiet.locator("html")).to_have_attribute("data-bs-theme", "dark")
    quiet.reload()
    expect(quiet.locator("html")).to_have_attribute("data-bs-theme", "dark")

    quiet.get_by_role("button", name="Your account").filter(visible=True).click()
    quiet.get_by_role("button", name="Log out").filter(visible=True).click()
    expect(quiet.get_by_text("You are logged out.")).to_be_visible()
    quiet.goto(live_server.url)
    expect(quiet).to_have_url(re.compile("/accounts/login/"))


@pytest.mark.parametrize("size", SIZES)
def test_pages_fit_the_window(page: Page, live_server: Any, member: Membership, size: Any) -> None:
    page.set_viewport_size(size)
    log_in(page, live_server, member)
    too_wide = []
    for path in [*PATHS, "/nowhere/"]:
        page.goto(live_server.url + path)
        if not fits(page):
            too_wide.append(path)
    assert too_wide == []


def test_on_a_phone_the_menu_unfolds_and_leads_on(quiet: Page, live_server: Any, member: Membership) -> None:
    quiet.set_viewport_size(PHONE)
    log_in(quiet, live_server, member)
    people = quiet.get_by_role("navigation", name="Main").get_by_role("link", name="People")
    expect(people).to_be_hidden()
    quiet.get_by_role("button", name="Menu").click()
    # While it unfolds, what is clicked may still move away.
    expect(quiet.locator("#sidebar")).to_have_class(re.compile(r"\bshow\b"))
    people.click()
    expect(quiet.get_by_role("heading", name="People", level=1)).to_be_visible()


def test_the_system_theme_is_followed_before_anything_is_painted(
    quiet: Page, live_server: Any, member: Membership
) -> None:
    quiet.emulate_media(color_scheme="dark")
    quiet.goto(live_server.url)
    expect(quiet.locator("html")).to_have_attribute("data-bs-theme", "dark")
    quiet.emulate_media(color_scheme="light")
    expect(quiet.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_the_keyboard_reaches_the_content_and_the_search(
    quiet: Page, live_server: Any, member: Membership
) -> None:
    log_in(quiet, live_server, member)
    quiet.keyboard.press("Tab")
    expect(quiet.get_by_role("link", name="Skip to content")).to_be_focused()
    quiet.keyboard.press("Enter")
    expect(quiet.locator("#content")).to_be_focused()
    quiet.keyboard.press("/")
    expect(quiet.get_by_role("searchbox", name="Search producers").filter(visible=True)).to_be_focused()


def test_switching_the_organization_changes_what_is_seen(
    quiet: Page, live_server: Any, member: Membership
) -> None:
    other = make_organization(name="Cedar & Oak")
    Membership.objects.create(organization=other, user=member.user, role=Role.VIEWER)
    log_in(quiet, live_server, member)
    quiet.get_by_role("button", name="Organization: Harbor Insurance").filter(visible=True).click()
    quiet.get_by_role("button", name="Cedar & Oak").filter(visible=True).click()
    expect(quiet.get_by_text("No producers yet")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_break_no_rule_of_accessibility(
    page: Page, live_server: Any, member: Membership, theme: Any
) -> None:
    page.emulate_media(color_scheme=theme)
    page.goto(live_server.url)
    reports = [report_on(page)]
    log_in(page, live_server, member)
    for path in PATHS:
        page.goto(live_server.url + path)
        reports.append(report_on(page))
    assert list(filter(None, reports)) == []


def report_on(page: Page) -> str:
    """What is wrong with the page for those who cannot see or use a mouse; empty when nothing is."""
    found = Axe().run(page)
    return f"{page.url}: {found.generate_report()}" if found.violations_count else ""
