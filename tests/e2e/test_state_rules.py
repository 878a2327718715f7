"""State rules in a real browser: finding what is unknown, and setting a value of one's own by keyboard."""

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
from muster.carriers.models import RuleOverride
from muster.carriers.state_rules import end_override, override_rule
from tests.e2e.listening import errors_of
from tests.e2e.test_shell import WINDOWS
from tests.make import make_member, make_organization

pytestmark = pytest.mark.django_db(transaction=True)

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SIZES = [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone")]


@pytest.fixture
def member() -> Membership:
    return make_member(make_organization(name="Harbor Insurance"), name="Robin Field")


@pytest.fixture
def quiet(page: Page, live_server: Any, client: Any, member: Membership) -> Iterator[Page]:
    """The member's window, in which nothing may fail in a script or be refused by the security policy."""
    client.force_login(member.user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    said = errors_of(page)
    yield page
    assert said == []


def set_own(member: Membership, key: str, value: Any, **over: Any) -> RuleOverride:
    return override_rule(
        **{
            "by": member,
            "state": "CA",
            "topic": "appointing",
            "key": key,
            "value": value,
            "starts_on": timezone.localdate(),
            "reason": "The department wrote so on the fourth of May; see file 2026-118.",
            "now": timezone.now(),
            **over,
        }
    )


def test_one_finds_what_is_unknown_and_opens_the_state(quiet: Page, live_server: Any) -> None:
    quiet.goto(f"{live_server.url}/state-rules/")
    expect(quiet.get_by_text("56 states and territories")).to_be_visible()
    quiet.get_by_label("Unknown", exact=True).select_option("appointing.filing")
    expect(quiet.get_by_text("2 states and territories match")).to_be_visible()
    expect(quiet).to_have_url(re.compile(r"unknown=appointing\.filing"))
    quiet.get_by_role("searchbox", name="State’s name or code").press_sequentially("samoa", delay=20)
    expect(quiet.get_by_text("1 state or territory match")).to_be_visible()
    quiet.locator("tbody").get_by_role("link", name="American Samoa").click()
    expect(quiet.get_by_role("heading", name="American Samoa", level=1)).to_be_visible()
    expect(quiet.get_by_text("No rules are known.").first).to_be_visible()


def test_a_value_of_ones_own_is_set_and_ended_by_keyboard(
    quiet: Page, live_server: Any, member: Membership
) -> None:
    quiet.goto(f"{live_server.url}/state-rules/CA/")
    quiet.get_by_role("link", name="Set your own value: Back-dating").first.focus()
    quiet.keyboard.press("Enter")
    expect(quiet.get_by_role("heading", name="Back-dating in California", level=1)).to_be_visible()

    quiet.get_by_label("Days").focus()
    quiet.keyboard.press("ControlOrMeta+a")
    quiet.keyboard.type("10")
    # What it changes is told while one types, before anything is set.
    expect(quiet.locator("#preview")).to_contain_text(
        re.compile(r"it says: Up to 10 days\.\s*Without it: Not at all\.")
    )
    assert not RuleOverride.objects.exists()
    quiet.get_by_label("Reason").focus()
    quiet.keyboard.type("The department wrote so.")
    quiet.keyboard.press("Tab")
    expect(quiet.get_by_role("button", name="Set the value")).to_be_focused()
    quiet.keyboard.press("Enter")

    expect(quiet.get_by_text("Back-dating in California is a value of your own now")).to_be_visible()
    expect(quiet).to_have_url(re.compile(r"/state-rules/CA/#own-appointing-backdate_days-"))
    expect(quiet.locator(":target")).to_contain_text("Up to 10 days")
    expect(quiet.locator(":target")).to_be_in_viewport()

    quiet.get_by_role("link", name="End: Appointing: back-dating, Up to 10 days").focus()
    quiet.keyboard.press("Enter")
    expect(quiet.get_by_text("Without this value: Not at all.")).to_be_visible()
    quiet.get_by_role("button", name="End it").press("Enter")
    expect(quiet.get_by_text("Your own value of back-dating has ended.")).to_be_visible()
    assert RuleOverride.objects.get(organization=member.organization).ended_at


def test_a_cited_value_that_no_longer_holds_is_opened_by_its_address(quiet: Page, live_server: Any) -> None:
    quiet.goto(f"{live_server.url}/state-rules/IA/#fees-appointment_renewal-unknown")
    expect(quiet.locator(":target")).to_contain_text("same retaliatory table by appointer domicile")
    expect(quiet.locator(":target")).to_be_in_viewport()


@pytest.fixture
def paths(member: Membership) -> list[str]:
    """Each page, with values that hold, that have ended and that come later."""
    held = set_own(member, "backdate_days", 10)
    later = timezone.localdate() + timedelta(20)
    set_own(member, "future_date", "yes", starts_on=later)
    end_override(by=member, override=set_own(member, "county_needed", "no"), now=timezone.now())
    return [
        "/state-rules/",
        "/state-rules/?unknown=appointing.county_needed",
        "/state-rules/CA/",
        "/state-rules/IA/",
        "/state-rules/CA/appointing/deadline_days/?case=1",
        "/state-rules/CA/terminations/reasons/",
        f"/state-rules/own/{held.pk}/end/",
    ]


@pytest.mark.parametrize(("size", "scheme"), WINDOWS)
def test_pages_of_state_rules_fit_the_window_and_break_no_rule_of_accessibility(
    quiet: Page, live_server: Any, paths: list[str], size: Any, scheme: Any
) -> None:
    quiet.set_viewport_size(size)
    quiet.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for path in paths:
        quiet.goto(live_server.url + path)
        assert quiet.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), path
        found = Axe().run(quiet)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
