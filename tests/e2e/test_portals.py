"""Producers are invited to a portal, step by step as the manual tells, and one registers by the mail."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.portals.models import PortalUser
from muster.portals.queries import seat_of
from tests.conftest import BROWSER_PATIENCE
from tests.e2e.pictures import look
from tests.e2e.test_onboarding import PHONE, log_in
from tests.make import make_license, make_member, make_organization, make_producer
from tests.notices.conftest import mail_server  # noqa: F401
from tests.notices.mail_server import MailServer
from tests.portals.inviting import make_contact, make_portal, path_in
from tests.workers import worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member() -> Membership:
    """A Licensing Specialist, with a portal for two, and another one."""
    cache.clear()
    made = make_member(make_organization(name="Harbor Insurance"), Role.SPECIALIST, name="Sam Okafor")
    make_portal(made.organization, name="Agents", seats=1)
    make_portal(made.organization, name="External", seats=50)
    for last_name, first_name in (("Alder", "Ada"), ("Birch", "Beatriz")):
        producer = make_contact(
            made.organization,
            f"{first_name.lower()}@example.com",
            last_name=last_name,
            first_name=first_name,
        )
        make_license(producer, "CA")
    make_contact(made.organization, "", last_name="Cedar", first_name="Caleb")
    make_producer(made.organization, email="edith@example.com", last_name="Elm", first_name="Edith")
    return made


picture = partial(look, area="portals")


def test_contacts_are_invited_as_the_manual_tells_and_one_registers(
    quiet: Page,
    live_server: Any,
    member: Membership,
    settings: Any,
    mail_server: MailServer,  # noqa: F811
    browser: Browser,
) -> None:
    page, settings.MUSTER_SITE_URL = quiet, live_server.url
    log_in(page, live_server, member)
    # 1. Click the Contacts tab. It opens on those viewed recently, and nobody was.
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Contacts").click()
    expect(page.get_by_text("You have viewed nobody yet")).to_be_visible()
    picture(page, "recent")
    # 3. Hint: click the list view to see all of them.
    page.get_by_role("button", name="List view: Recently viewed").click()
    page.get_by_role("link", name="All contacts", exact=True).click()
    # 2. Select the producers.
    page.get_by_role("checkbox", name="Tick every contact of this page").check()
    expect(page.get_by_text("4 ticked")).to_be_visible()
    picture(page, "ticked")
    # 4. Click Create/Update Portal User.
    page.get_by_role("button", name="Create/Update Portal User").first.click()
    # 5. Select the portal.
    choice = page.get_by_label("Portal", exact=True)
    choice.select_option(label="Agents")
    page.get_by_role("button", name="Show who would be invited").click()
    expect(page.get_by_text("1 of 1 seat left")).to_be_visible()
    expect(page.locator("#items").get_by_text("no seats left")).to_be_visible()
    picture(page, "choice")
    choice.select_option(label="External")
    page.get_by_role("button", name="Show who would be invited").click()
    expect(page.get_by_text("50 of 50 seats left")).to_be_visible()
    # 6. Click Save. 7. A screen confirms the choice: click OK.
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog", name="Invite to External?")).to_be_visible()
    picture(page, "sure")
    page.get_by_role("button", name="OK").click()
    # 8. They are invited, and the others are told why not.
    expect(page.locator("#state")).to_have_text("Done")
    results = page.locator("#items tbody tr")
    for name, result in (
        ("Alder, Ada", "invited"),
        ("Birch, Beatriz", "invited"),
        ("Cedar, Caleb", "has no email"),
        ("Elm, Edith", "has no agency"),
    ):
        expect(results.filter(has_text=name).get_by_text(result, exact=True)).to_be_visible()
    picture(page, "results")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Portals").click()
    picture(page, "portals")
    page.get_by_role("link", name="External").click()
    expect(page.get_by_text("2 portal users")).to_be_visible()
    picture(page, "portal")
    page.get_by_role("link", name="Close seat of Alder, Ada").click()
    expect(page.get_by_role("heading", name="Close the seat of Alder, Ada?")).to_be_visible()
    picture(page, "close")
    page.get_by_role("link", name="Keep it").click()

    # Whoever gets the mail registers by its link.
    with worker("interactive", MUSTER_SMTP_HOST=mail_server.hostname, MUSTER_SMTP_PORT=str(mail_server.port)):
        for _ in range(BROWSER_PATIENCE // 100):
            if len(mail_server.taken) == 2:
                break
            page.wait_for_timeout(100)
    mails = {one["To"]: one.get_content() for one in mail_server.taken}
    window = browser.new_context(viewport=PHONE).new_page()
    window.set_default_timeout(BROWSER_PATIENCE)
    window.goto(live_server.url + path_in(mails["ada@example.com"]))
    expect(window.get_by_role("heading", name="Harbor Insurance invites you")).to_be_visible()
    expect(window.get_by_text("ada@example.com")).to_be_visible()
    assert window.url == f"{live_server.url}/portal/register/"
    picture(window, "register")
    window.get_by_label("Password", exact=True).fill("blue-Harbor-lantern")
    window.get_by_label("Password, once more").fill("blue-Harbor-lantern")
    window.get_by_role("button", name="Register").click()
    expect(window.get_by_role("heading", name="You are registered")).to_be_visible()
    picture(window, "registered")
    window.get_by_role("link", name="Go to the portal").click()
    map_of_hers = window.get_by_role("group", name="Map of your licenses by state")
    expect(map_of_hers.get_by_role("link", name="California")).to_be_visible()
    picture(window, "map")
    seat = PortalUser.objects.get(email="ada@example.com")
    assert seat_of(Membership.objects.get(user=seat.user)) == seat
    window.goto(live_server.url + path_in(mails["ada@example.com"]))
    expect(window.get_by_role("heading", name="This link does not work any more")).to_be_visible()
    picture(window, "over")
    window.context.close()
    page.reload()
    expect(page.locator("tbody tr").filter(has_text="Alder, Ada").get_by_text("Registered")).to_be_visible()
