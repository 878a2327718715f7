"""Reports in a real browser: the one that ends appointments is built by hand, run, exported and kept."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page, expect

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.core.table import Question
from muster.reports.saved import save_report
from muster.reports.subject import subject_named
from tests.e2e.listening import errors_of
from tests.e2e.test_shell import PHONE, WINDOWS, fits
from tests.make import (
    make_appointment,
    make_license,
    make_member,
    make_organization,
    make_producer,
    make_transaction,
)

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = ["Related Producer", "NPN", "State Code", "Line of Authority", "CoCode"]
ORDER = ["Line of Authority", "NPN", "CoCode", "Related Producer", "State Code"]
"""In which the columns are added, so that they have to be put into the other order."""


@pytest.fixture
def member() -> Membership:
    cache.clear()
    member = make_member(make_organization(name="Harbor Insurance"), Role.SPECIALIST, name="Ines Duarte")
    for number, (state, line, cocode) in enumerate(
        [("CA", "Life", "90101"), ("NV", "Health", "90101"), ("TX", "Life", "90101"), ("CA", "Life", "90202")]
    ):
        producer = make_producer(
            member.organization, npn=str(1234567 + number), first_name="Ada", last_name=f"Alder {number}"
        )
        make_license(producer, state)
        make_appointment(producer, state, line_name=line, cocode=cocode)
        make_appointment(producer, "NV", line_name="Property", cocode="90101", status="Terminated")
    return member


@pytest.fixture
def quiet(page: Page, live_server: Any, member: Membership) -> Iterator[Page]:
    """The member's window, in which nothing may fail in a script or be refused by the security policy."""
    client = Client()
    client.force_login(member.user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    said = errors_of(page)
    yield page
    assert said == []


def columns(page: Page) -> Any:
    return page.locator("[data-columns] [data-column]")


def expect_columns(page: Page, labels: list[str]) -> None:
    expect(columns(page).locator(".report-label")).to_have_text([re.compile(f"^{label}") for label in labels])


def add(page: Page, what: str, label: str) -> None:
    """Add a column or a filter: open what is offered, look for the field, choose it under its heading."""
    offer = page.locator("details.report-offer").filter(has_text=f"Add {what}")
    if offer.get_attribute("open") is None:
        offer.locator("summary").click()
    offer.get_by_role("searchbox").fill(label)
    section = offer.locator("[data-section]").filter(has_text="Carrier Appointment: Info")
    section.get_by_role("button", name=label, exact=True).click()


def test_the_report_that_ends_appointments_is_built_by_hand(quiet: Page, live_server: Any) -> None:
    page = quiet
    page.goto(live_server.url)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").click()
    page.get_by_role("link", name="New Report", exact=True).click()
    page.get_by_role("searchbox", name="Search report types").fill("Producer Licensing with Carrier")
    expect(page.locator("#types a")).to_have_count(1)
    page.get_by_role("link", name=re.compile("Producer Licensing with Carrier Appointments")).click()

    for label in ("License Number", "Company", "Related Producer", "NPN", "State Code", "CoCode", "Status"):
        page.get_by_role("button", name=f"Remove {label}", exact=True).click()
    expect_columns(page, ["Line of Authority"])
    for number, label in enumerate(ORDER[1:], 2):
        add(page, "column", label)
        expect(columns(page)).to_have_count(number)
    expect_columns(page, ORDER)

    # By keyboard alone: the button keeps the focus, so that one can go on pressing.
    up = page.get_by_role("button", name="Move Related Producer up")
    up.focus()
    for place in (3, 2, 1):
        page.keyboard.press("Enter")
        expect(columns(page).nth(place - 1)).to_contain_text("Related Producer")
        expect(up).to_be_focused()
    expect(page.locator("#report-said")).to_have_text("Related Producer is column 1 of 5.")
    down = page.get_by_role("button", name="Move CoCode down")
    down.focus()
    page.keyboard.press("Space")
    expect_columns(page, ["Related Producer", "Line of Authority", "NPN", "State Code", "CoCode"])
    expect(down).to_be_focused()
    down = page.get_by_role("button", name="Move Line of Authority down")
    for labels in (
        ["Related Producer", "NPN", "Line of Authority", "State Code", "CoCode"],
        HEADER,
    ):
        down.focus()
        page.keyboard.press("Enter")
        expect_columns(page, labels)

    # By drag, there and back.
    expect(page.locator("#report")).not_to_have_class(re.compile("htmx-request"))
    columns(page).nth(4).drag_to(columns(page).nth(0))
    expect_columns(page, ["CoCode", *HEADER[:4]])
    expect(page.locator("#report")).not_to_have_class(re.compile("htmx-request"))
    columns(page).nth(0).drag_to(columns(page).nth(4))
    expect_columns(page, HEADER)

    page.get_by_role("radio", name="Only those of producers that I imported").check()
    expect(page.get_by_text("No rows", exact=True)).to_be_visible()
    page.get_by_role("radio", name="All appointments").check()

    add(page, "filter", "CoCode")
    expect(page.get_by_text("Nothing is run until each filter is complete")).to_be_visible()
    expect(page.get_by_label("Value of CoCode")).to_be_focused()
    page.get_by_label("Value of CoCode").fill("90101")
    page.keyboard.press("Enter")
    expect(page.get_by_text("CoCode equals 90101")).to_be_visible()
    add(page, "filter", "Status")
    page.get_by_label("Value of Status").select_option("Appointed")
    expect(page.get_by_text("Status equals Appointed")).to_be_visible()
    add(page, "filter", "Line of Authority")
    page.get_by_label("How Line of Authority compares").select_option("is one of")
    expect(page.get_by_label("Value of Line of Authority")).to_have_attribute("placeholder", re.compile(";"))
    page.get_by_label("Value of Line of Authority").fill("Life; Health")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Line of Authority is one of Life, Health")).to_be_visible()
    add(page, "filter", "State Code")
    page.get_by_label("How State Code compares").select_option("is one of")
    expect(page.get_by_label("Value of State Code")).to_have_attribute("placeholder", re.compile(";"))
    page.get_by_label("Value of State Code").fill("ca;Nevada")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_text("2 appointments", exact=True)).to_be_visible()

    with page.expect_download() as downloading:
        page.get_by_role("link", name="Export CSV").click()
    with downloading.value.path().open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            HEADER,
            ["Alder 0, Ada", "1234567", "CA", "Life", "90101"],
            ["Alder 1, Ada", "1234568", "NV", "Health", "90101"],
        ]

    page.get_by_role("link", name="Save", exact=True).click()
    page.get_by_label("Name").fill("To end in the West")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="To end in the West", level=1)).to_be_visible()
    expect_columns(page, HEADER)
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_groups_are_counted_and_lead_to_their_rows(quiet: Page, live_server: Any) -> None:
    page = quiet
    page.goto(f"{live_server.url}/reports/build/appointments/?where=status:is:Appointed")
    page.get_by_label("Group by").select_option("State Code")
    page.get_by_role("region", name="Groups").get_by_role("link", name="CA").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.go_back()
    expect(page.get_by_role("region", name="Groups").get_by_role("link", name="TX")).to_be_visible()


PATHS = [
    "/reports/",
    "/reports/new/",
    "/reports/build/licensing-with-appointments/",
    "/reports/build/licensing-with-appointments/?where=cocode:is:&group=state",
    "/reports/build/appointments/?where=status:is:Appointed&where=line:in:Life;Health&group=state",
    "/reports/build/transactions/",
    "/reports/build/appointments/save/",
]


@pytest.mark.parametrize(("size", "theme"), WINDOWS)
def test_every_page_fits_and_can_be_used_by_everybody(
    size: Any, theme: str, quiet: Page, live_server: Any, member: Membership
) -> None:
    report = save_report(
        by=member,
        subject=subject_named("appointments"),
        question=Question(("npn", "state")),
        name="Quarterly",
        folder="West",
        is_shared=True,
    )
    own = [f"/reports/{report.pk}/{page}/" for page in ("settings", "mail", "delete")]
    page = quiet
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for path in [*PATHS, f"/reports/{report.pk}/", *own]:
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        assert fits(page), path
        results = Axe().run(page)
        assert results.violations_count == 0, f"{path}: {results.generate_report()}"


def test_on_a_phone_the_rows_are_cards_and_what_can_be_done_fits(
    quiet: Page, live_server: Any, member: Membership
) -> None:
    page = quiet
    make_transaction(make_producer(member.organization))
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/reports/build/appointments/?columns=npn,state")
    expect(page.locator("tbody td").first).to_have_css("display", "flex")
    page.goto(f"{live_server.url}/reports/build/transactions/")
    page.get_by_text("Act on these rows").click()
    expect(page.get_by_role("button", name="Close this transaction")).to_be_visible()
    assert fits(page)
