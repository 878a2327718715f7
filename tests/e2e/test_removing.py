"""Producers are removed, step by step as the manual tells: browser, worker and sandbox registry."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.appointments.models import Appointment
from muster.appointments.queries import IN_FORCE
from muster.carriers.models import FilingSettings
from muster.carriers.termination_reasons import reasons_by_state
from muster.producers.models import Producer
from tests.e2e.pictures import look
from tests.e2e.test_onboarding import DESK, PATIENCE, log_in
from tests.e2e.test_report_to_terminations import synced, workers  # noqa: F401
from tests.e2e.test_shell import SIZES
from tests.make import (
    make_agency,
    make_appointment,
    make_assignment,
    make_company,
    make_license,
    make_line,
    make_member,
    make_organization,
    make_producer,
    make_transaction,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member() -> Membership:
    """An Agency Admin."""
    cache.clear()
    return make_member(make_organization(name="Harbor Insurance"), Role.ADMIN, name="Ines Duarte")


@pytest.fixture
def five(member: Membership) -> None:
    """Five producers, of one of whom there is something open."""
    company = make_company(member.organization)
    agency = make_agency(member.organization, name="Cedar Agency")
    for last_name, first_name in (
        ("Alder", "Ada"),
        ("Birch", "Beatriz"),
        ("Cedar", "Caleb"),
        ("Elm", "Edith"),
        ("Fir", "Felix"),
    ):
        producer = make_producer(
            member.organization,
            last_name=last_name,
            first_name=first_name,
            agency=agency,
            sync_status="success",
            synced_at=timezone.now(),
        )
        make_line(make_license(producer), "Life")
        make_assignment(producer)
        if last_name == "Cedar":
            make_appointment(producer, cocode=company.cocode)
            make_appointment(producer, "TX", cocode=company.cocode)
            make_appointment(producer, cocode="99999")
            make_transaction(producer, status="ready", kind="license")


picture = partial(look, area="removing")


def rows(page: Page) -> Any:
    return page.locator("#producers tbody tr")


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("size", SIZES)
def test_producers_are_removed_as_the_manual_tells(
    quiet: Page, live_server: Any, member: Membership, size: Any
) -> None:
    page = quiet
    is_desk = size == DESK
    page.set_viewport_size(size)
    # 1. Log in. 2. Navigate to Producers > Manage Producers.
    log_in(page, live_server, member)
    if is_desk:
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Producers").click()
    else:
        page.goto(f"{live_server.url}/producers/")
    expect(page.get_by_role("heading", name="Manage Producers", level=1)).to_be_visible()
    expect(rows(page)).to_have_count(5)
    # 3. Locate the producers. 4. Select them by the checkbox next to their names.
    for name in ("Alder, Ada", "Cedar, Caleb"):
        page.get_by_role("checkbox", name=f"Tick {name}").check()
    expect(page.get_by_text("2 ticked")).to_be_visible()
    if is_desk:
        picture(page, "ticked")
    # 5. Click the Remove button located at the top right; on a phone it is with what is ticked.
    page.get_by_role("button", name="Remove", exact=True).filter(visible=True).first.click()
    expect(page.get_by_role("heading", name="Remove 2 producers?")).to_be_visible()
    expect(page.get_by_text("2 appointments in force. Removing does")).to_be_visible()
    expect(page.get_by_text("1 transaction not sent. It is canceled")).to_be_visible()
    expect(page.get_by_text("Terminate them first: when the terminations are accepted")).to_be_visible()
    if is_desk:
        picture(page, "confirm")
    # 6. Confirm by clicking Offboard.
    page.get_by_role("button", name="Offboard", exact=True).click()
    # 7. The selected producers are immediately removed.
    expect(page.locator("#state")).to_have_text("Done")
    expect(page.get_by_role("link", name="2 Removed")).to_be_visible()
    if is_desk:
        picture(page, "done")
    page.get_by_role("link", name="Back to the list").click()
    expect(rows(page)).to_have_count(3)
    expect(page.get_by_text("3 producers")).to_be_visible()
    expect(page.get_by_role("link", name="Cedar, Caleb")).to_have_count(0)

    # The page stays as history, and leads to adding the producer again.
    gone = Producer.objects.get(last_name="Cedar")
    page.goto(f"{live_server.url}/producers/{gone.npn}/")
    expect(page.get_by_role("heading", name="Removed on")).to_contain_text("by Ines Duarte")
    expect(page.get_by_role("button", name="Remove", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Resync now")).to_have_count(0)
    if is_desk:
        picture(page, "history")
    page.get_by_role("link", name="Add again").click()
    expect(page.get_by_role("heading", name="Individual Producer Onboard", level=1)).to_be_visible()
    expect(page.get_by_label("National Producer Number (NPN)")).to_have_value(gone.npn)


@pytest.mark.usefixtures("workers")
def test_terminations_are_requested_first_and_the_producer_goes_by_itself_when_they_are_accepted(
    quiet: Page, live_server: Any, member: Membership
) -> None:
    page = quiet
    log_in(page, live_server, member)
    one = synced(page, live_server, member)
    make_company(member.organization, cocode=one.cocode, name=one.company_name)
    reasons = reasons_by_state(member.organization_id, today=timezone.localdate())
    defaults = {told.state: next(iter(told.accepted)) for told in reasons if told.accepted}
    FilingSettings.objects.create(organization=member.organization, termination_reasons=defaults)
    producer = one.producer
    ours = Appointment.objects.filter(IN_FORCE, producer=producer, cocode=one.cocode)
    count = ours.count()
    things = f"{count} appointment" + ("s" if count > 1 else "")

    page.goto(f"{live_server.url}/producers/{producer.npn}/")
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text(f"{things} in force. Removing does")).to_be_visible()
    page.get_by_text("Terminate them first").click()
    page.get_by_role("button", name="Offboard", exact=True).click()
    expect(page.get_by_role("heading", name="1 producer waits to be removed")).to_be_visible()
    picture(page, "waits")

    page.goto(f"{live_server.url}/producers/?problem=leaving")
    expect(page.locator("tbody").get_by_text("Waits to be removed")).to_be_visible()
    picture(page, "waiting-list")
    page.get_by_role("link", name=str(producer)).click()
    expect(page.get_by_role("heading", name="Waits to be removed")).to_be_visible()
    picture(page, "waiting-page")
    page.go_back()
    page.go_back()

    page.get_by_role("button", name="Terminate them").click()
    expect(page.get_by_role("heading", name=f"Terminate {things}?")).to_be_visible()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#state")).to_have_text("Done")
    page.get_by_role("link", name="See the transactions").click()
    page.get_by_label("Tick every transaction of this page").check()
    page.get_by_role("button", name="Submit", exact=True).click()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#state")).to_have_text("Done")

    # From here on nobody presses anything.
    for _ in range(PATIENCE // 500):
        if Producer.objects.filter(pk=producer.pk).exclude(removed_at=None).exists():
            break
        page.wait_for_timeout(500)
    page.goto(f"{live_server.url}/producers/{producer.npn}/")
    expect(page.get_by_role("heading", name="Removed on")).to_contain_text("by Ines Duarte")
    page.goto(f"{live_server.url}/producers/?q={producer.npn}")
    expect(page.get_by_text("Nobody matches")).to_be_visible()
