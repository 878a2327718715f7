"""Appointing in a real browser: one producer on a page, many by a file, and the gaps of scorecards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from muster.access.models import Membership
from muster.bulk.models import Operation
from muster.onboarding.models import Territory
from muster.producers.models import Producer
from muster.scorecards.operations import sweep
from muster.transactions.models import Transaction
from tests.e2e.listening import errors_of
from tests.make import make_assignment, make_license, make_line, make_organization
from tests.transactions.appointing import CLASS, make_californian, make_carrier_desk
from tests.workers import worker

pytestmark = pytest.mark.django_db(transaction=True)

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SIZES = [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone")]
PATIENCE = 60_000


@pytest.fixture
def member() -> Membership:
    return make_carrier_desk(organization=make_organization(name="Harbor Insurance"))[0]


@pytest.fixture
def ada(member: Membership) -> Producer:
    """A producer who holds two of California's four lines, and a license in Florida."""
    producer = make_californian(member, lines=[0, 2])
    make_line(make_license(producer, "FL", residency="NR", **CLASS), "Life")
    return producer


@pytest.fixture
def quiet(page: Page, live_server: Any, client: Client, member: Membership) -> Iterator[Page]:
    """The member's window, in which nothing may fail in a script or be refused by the security policy."""
    enter(page, live_server, client, member)
    said = errors_of(page)
    yield page
    assert said == []


def enter(page: Page, live_server: Any, client: Client, member: Membership) -> None:
    client.force_login(member.user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


def button(page: Page, words: str) -> Any:
    return page.get_by_role("button", name=words, exact=True)


def pick(page: Page, *labels: str) -> None:
    for label in labels:
        page.locator(".appoint-picks label.form-check").filter(has_text=re.compile(rf"^\s*{label}")).click()


@pytest.mark.parametrize("size", SIZES)
def test_the_preview_follows_what_is_picked_and_is_what_is_requested(
    quiet: Page, live_server: Any, ada: Producer, size: Any
) -> None:
    page = quiet
    page.set_viewport_size(size)
    page.goto(f"{live_server.url}/producers/{ada.npn}/")
    page.get_by_role("link", name="Appoint", exact=True).click()
    expect(
        page.get_by_text("Pick states and LOA categories; what would be filed appears here.")
    ).to_be_visible()

    pick(page, "California", "Life", "Health")
    expect(button(page, "Request 4 transactions")).to_be_visible()
    expect(page.locator("#told")).to_have_text("4 transactions: 2 Ready to Submit, 2 Not Eligible.")
    expect(page.get_by_text("Required License Not Found")).to_have_count(2)

    page.get_by_label("Leave out Part-Time Fraternal").check()
    expect(button(page, "Request 3 transactions")).to_be_visible()
    expect(page.get_by_text("Left out: no transaction is made")).to_be_visible()
    # What was ticked has the focus still, so that one may go on with the keyboard.
    expect(page.get_by_label("Leave out Part-Time Fraternal")).to_be_focused()

    page.get_by_text("Rules consulted").click()
    expect(page.get_by_text("Whether agencies are appointed too.")).to_be_visible()
    page.get_by_label("Leave out Life").check()
    expect(button(page, "Request 2 transactions")).to_be_visible()
    expect(page.get_by_text("Whether agencies are appointed too.")).to_be_visible()
    page.get_by_label("Leave out Life").uncheck()
    expect(button(page, "Request 3 transactions")).to_be_visible()

    report = Axe().run(page, options={"rules": {"color-contrast": {"enabled": True}}})
    assert report.response["violations"] == [], report.generate_report()

    assert not Transaction.objects.exists()
    button(page, "Request 3 transactions").click()
    expect(page.get_by_text("3 transactions match")).to_be_visible()
    expect(page.get_by_text("GT-00000001 to GT-00000003")).to_be_visible()
    assert list(Transaction.objects.order_by("number").values_list("status", flat=True)) == [
        "ready",
        "not_eligible",
        "ready",
    ]


def test_what_a_state_asks_for_appears_with_it_and_is_told_at_its_field(
    quiet: Page, live_server: Any, ada: Producer
) -> None:
    page = quiet
    page.goto(f"{live_server.url}/producers/{ada.npn}/appoint/?state=CA&company=90101&category=life")
    county = page.get_by_label("County")
    expect(county).to_be_hidden()
    pick(page, "Florida")
    expect(county).to_be_visible()
    expect(page.locator("#found-county")).to_have_text(
        "Florida needs a county, and none is named. Fill in County."
    )
    expect(page.get_by_text("Nothing can be requested yet", exact=True)).to_be_visible()
    county.press_sequentially("Orange")
    expect(page.locator("#found-county")).to_be_empty()
    expect(page.get_by_role("heading", name="Florida")).to_be_visible()
    # A slip of the Enter key shows the preview, and requests nothing.
    county.press("Enter")
    expect(page.get_by_label("County")).to_have_value("Orange")
    expect(page.get_by_role("heading", name="Florida")).to_be_visible()
    assert not Operation.objects.exists()


def test_all_states_with_a_license_are_picked_at_one_click(
    quiet: Page, live_server: Any, ada: Producer
) -> None:
    page = quiet
    make_license(ada, "TX", residency="NR", is_active=False)
    page.goto(f"{live_server.url}/producers/{ada.npn}/appoint/?category=life")
    page.get_by_role("button", name="All licensed").click()
    expect(page.locator("#told")).to_have_text(re.compile("something is marked"))
    picked = page.locator("input[name=state]:checked")
    assert [box.get_attribute("value") for box in picked.all()] == ["CA", "FL"]
    page.get_by_role("button", name="All licensed").click()
    expect(page.get_by_text("Pick states; what would be filed appears here.")).to_be_visible()


def test_a_territory_picks_its_states_at_one_click(
    quiet: Page, live_server: Any, ada: Producer, member: Membership
) -> None:
    Territory.objects.create(organization=member.organization, name="Coasts", states=["CA", "ME"])
    quiet.goto(f"{live_server.url}/producers/{ada.npn}/appoint/")
    territory = button(quiet, "Coasts")
    boxes = [quiet.locator(f"input[name=state][value={code}]") for code in ("CA", "ME", "FL")]
    territory.click()
    expect(boxes[0]).to_be_checked()
    # It holds no license there, and is shown all the same.
    expect(boxes[1]).to_be_checked()
    expect(boxes[1]).to_be_visible()
    expect(boxes[2]).not_to_be_checked()
    territory.click()
    expect(boxes[0]).not_to_be_checked()


def test_it_all_works_without_javascript(
    browser: Browser, live_server: Any, client: Client, member: Membership, ada: Producer
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, live_server, client, member)
    page.goto(f"{live_server.url}/producers/{ada.npn}/appoint/")
    pick(page, "California", "Life", "Health")
    page.get_by_role("button", name="Show the preview").click()
    page.get_by_label("Leave out Part-Time Fraternal").check()
    page.get_by_role("button", name="Show the preview").click()
    button(page, "Request 3 transactions").click()
    expect(page.get_by_text("3 transactions match")).to_be_visible()
    context.close()


def test_a_file_is_checked_forecast_processed_and_followed_to_its_transactions(
    quiet: Page, live_server: Any, member: Membership, ada: Producer, tmp_path: Path
) -> None:
    page = quiet
    others = [make_californian(member) for _ in range(2)]
    npns = [ada.npn, *(one.npn for one in others), "999"]
    rows = [f"{npn},California,90101,life;health" for npn in npns]
    file = tmp_path / "appoint.csv"
    file.write_text("\n".join(["NPN,State(s),Carrier CoCode(s),LOA Category", *rows]))
    with worker("bulk", "interactive"):
        page.goto(f"{live_server.url}/imports/new/?kind=appoint")
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_role("button", name="Upload and check").click()
        expect(page.get_by_role("heading", name="12 transactions would be made")).to_be_visible(
            timeout=PATIENCE
        )
        expect(page.get_by_text("No producer of yours has the NPN 999.")).to_be_visible()
        expect(page.get_by_text("Required License Not Found (line not held)")).to_be_visible()
        button(page, "Request 12 transactions").click()
        expect(page.locator("#state")).to_have_text("Done, some rows rejected", timeout=PATIENCE)
    expect(page.get_by_text("GT-00000001 to GT-00000004: 2 Ready to Submit, 2 Not Eligible")).to_be_visible()
    page.get_by_role("group", name="Transactions by status").get_by_role(
        "link", name="Ready to Submit"
    ).click()
    expect(page.get_by_text("10 transactions match")).to_be_visible()


def test_gaps_lead_to_one_producer_and_to_all_of_a_list(
    quiet: Page, live_server: Any, member: Membership, ada: Producer
) -> None:
    page = quiet
    for producer in (ada, make_californian(member)):
        make_assignment(
            producer,
            cocodes=["90101"],
            states=["CA"],
            categories=["life"],
            scorecard_type="license_and_appointment",
        )
    now = timezone.now()
    sweep(today=timezone.localdate(now), now=now)

    page.goto(f"{live_server.url}/scorecards/")
    page.get_by_role("link", name="Appoint in California").first.click()
    expect(button(page, "Request 2 transactions")).to_be_visible()

    page.goto(f"{live_server.url}/scorecards/")
    page.get_by_label("Gap", exact=True).select_option("appointment_missing")
    page.get_by_role("link", name="Appoint 2 gaps").click()
    expect(page.get_by_role("heading", name="4 transactions would be made")).to_be_visible()
    with worker("bulk", "interactive"):
        button(page, "Check 2 requests").click()
        button(page, "Request 4 transactions").click(timeout=PATIENCE)
        expect(page.locator("#state")).to_have_text("Done", timeout=PATIENCE)
    page.get_by_role("link", name="See all of them").click()
    expect(page.get_by_text("4 transactions match")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_pages_can_be_read_by_everybody_and_are_no_wider_than_the_window(
    quiet: Page, live_server: Any, ada: Producer, size: Any, theme: str
) -> None:
    page = quiet
    page.set_viewport_size(size)
    page.goto(live_server.url)
    page.evaluate("theme => window.musterTheme.choose(theme)", theme)
    for query in ("", "?state=CA&category=life&category=health", "?state=FL&category=life"):
        page.goto(f"{live_server.url}/producers/{ada.npn}/appoint/{query}")
        report = Axe().run(page)
        assert report.response["violations"] == [], report.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
