"""From the list of producers to a mail that is read, in a real browser and with a real mail server."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from muster.access.permissions import Role
from muster.notices.delivery import deliver
from tests.e2e.listening import errors_of
from tests.e2e.pictures import look
from tests.e2e.test_onboarding import log_in
from tests.mailing.conftest import mail_server
from tests.make import make_agency, make_license, make_member, make_organization, make_producer
from tests.notices.mail_server import MailServer

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["mail_server"]

pytestmark = pytest.mark.django_db(transaction=True)


picture = partial(look, area="mailing")


def test_a_mail_goes_from_the_list_to_its_readers_one_of_whom_opts_out(
    page: Page, live_server: Any, mail_server: MailServer, settings: Any
) -> None:
    cache.clear()
    settings.MUSTER_SITE_URL = live_server.url
    member = make_member(make_organization(name="Harbor Insurance"), Role.SPECIALIST, name="Ines Duarte")
    agency = make_agency(member.organization, name="Cedar Agency")
    for last, first, email in (("Alder", "Ada", "ada@"), ("Birch", "Ben", "ben@"), ("Cedar", "Cy", "")):
        producer = make_producer(
            member.organization,
            last_name=last,
            first_name=first,
            email=email and f"{email}harbor.example",
            agency=agency if last == "Alder" else None,
        )
        make_license(producer)
    said = errors_of(page)
    log_in(page, live_server, member)
    page.goto(f"{live_server.url}/producers/")
    for name in ("Alder, Ada", "Birch, Ben", "Cedar, Cy"):
        page.get_by_role("checkbox", name=f"Tick {name}").check()
    page.get_by_role("button", name="Send Email", exact=True).filter(visible=True).first.click()

    page.get_by_label("Subject").fill("Hello {{ frist_name }}")
    page.get_by_label("Text").fill("Dear {{ first_name }},\n\nyou are with {{ agency }}.")
    page.get_by_role("button", name="Show the preview").click()
    expect(page.get_by_text("Do you mean {{ first_name }}?")).to_be_visible()
    picture(page, "broken")
    page.get_by_label("Subject").fill("Hello {{ first_name }}")
    page.get_by_role("button", name="Show the preview").click()
    preview = page.locator("#preview")
    expect(preview.get_by_text("Hello Ada")).to_be_visible()
    expect(preview.get_by_text("you are with Cedar Agency.")).to_be_visible()
    preview.get_by_role("button", name="Next").click()
    expect(preview.get_by_text("Not known of Ben Birch: Agency.")).to_be_visible()
    expect(page.get_by_text("No email address", exact=False).first).to_be_visible()
    picture(page, "preview")
    preview.get_by_role("button", name="Send a test to me").click()
    expect(page.get_by_text("is on its way to")).to_be_visible()
    page.get_by_label("Subject").fill("Welcome {{ first_name }}")
    page.get_by_role("button", name="Send to 2 producers").click()
    expect(page.get_by_text("The text was changed; look at the preview again, then send.")).to_be_visible()
    expect(preview.get_by_text("Welcome Ada")).to_be_visible()
    picture(page, "changed")
    page.get_by_role("button", name="Send to 2 producers").click()
    expect(page.locator("#state")).to_contain_text("Done")
    expect(page.locator("#delivery")).to_contain_text("2 Waiting")
    assert deliver() >= 3
    # The page follows by itself.
    expect(page.locator("#delivery")).to_contain_text("2 Sent")
    expect(page.locator("#items")).to_contain_text("Sent", timeout=10_000)
    picture(page, "sent")
    assert set(mail_server.addressees) >= {"ada@harbor.example", "ben@harbor.example", member.user.email}

    page.get_by_role("link", name="See each mail").click()
    expect(page.get_by_role("link", name="Alder, Ada")).to_be_visible()
    picture(page, "delivery")
    [mail] = [one for one in mail_server.taken if one["To"] == "ada@harbor.example"]
    assert mail["Subject"] == "Welcome Ada"
    link = re.search(r"https?://\S+/mail/opt-out/\S+", mail.get_body(["plain"]).get_content())
    assert link is not None
    page.goto(link[0])
    picture(page, "opt-out")
    page.get_by_role("button", name="Get no more of these mails").click()
    expect(page.get_by_role("heading", name="You get no more of these mails")).to_be_visible()
    page.goto(f"{live_server.url}/producers/?q=Alder")
    page.get_by_role("link", name="Alder, Ada").click()
    expect(page.locator("#mail").get_by_text("Opted out of mailings")).to_be_visible()
    page.goto(f"{live_server.url}/mailings/")
    picture(page, "list")
    page.goto(f"{live_server.url}/mailings/templates/new/")
    picture(page, "template")
    assert said == []
