"""The pages of producers in a real browser, as on a phone: reading, telling, adding a document."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.portals.models import PortalUser
from muster.profiles.models import Employment
from tests.e2e.listening import errors_of
from tests.e2e.test_shell import PHONE, fits
from tests.make import (
    PASSWORD,
    make_appointment,
    make_assignment,
    make_license,
    make_line,
    make_organization,
    make_producer,
    make_seat,
)

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    *("home", "licenses", "appointments", "documents", "privacy", "organizations"),
    *("profile", "profile-contact", "profile-employment-new", "profile-background"),
)
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}


@pytest.fixture
def seat() -> PortalUser:
    cache.clear()
    producer = make_producer(
        make_organization(name="Harbor Insurance"), last_name="Alder", synced_at=timezone.now()
    )
    today = timezone.localdate()
    for state, over in {
        "AZ": {"expires_on": today + timedelta(days=20)},
        "CA": {"residency": "NR"},
        "TX": {"residency": "NR", "is_active": False},
        "DE": {"residency": "NR", "expires_on": today - timedelta(days=20)},
    }.items():
        make_line(make_license(producer, state, **over))
    make_appointment(producer, "CA")
    make_appointment(producer, "TX", health="at_risk", risks=["license_inactive"])
    make_assignment(producer, states=["AZ", "GA"])
    return make_seat(producer)


def log_in(page: Page, site: Any, seat: PortalUser) -> None:
    page.goto(site.url)
    page.get_by_label("Email").fill(seat.email)
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="What needs your attention")).to_be_visible()


def test_on_a_phone_one_sees_the_map_and_does_what_needs_attention(
    page: Page, live_server: Any, seat: PortalUser
) -> None:
    said = errors_of(page)
    page.set_viewport_size(PHONE)
    log_in(page, live_server, seat)
    expect(page.get_by_role("group", name="Map of your licenses")).to_be_visible()

    page.get_by_role("link", name="Add contact details").click()
    page.get_by_label("Preferred email").fill("ada@own.example")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Add employment").click()
    page.get_by_label("Employer").fill("Elm & Sons")
    page.get_by_label("Position").fill("Clerk")
    page.get_by_label("From month").fill("2012-03")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Mar 2012 to now")).to_be_visible()

    page.get_by_role("link", name="Documents").click()
    page.get_by_label("Add a document").set_input_files(
        {"name": "big.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff" + bytes(11 * 1024 * 1024)}
    )
    expect(page.get_by_text("at most 10 MB are taken")).to_be_visible()
    expect(page.get_by_role("button", name="Add", exact=True)).to_be_disabled()
    page.get_by_label("Add a document").set_input_files(
        {"name": "order.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}
    )
    page.get_by_role("button", name="Add", exact=True).click()
    with page.expect_download() as loading:
        page.get_by_role("link", name="order.pdf", exact=True).click()
    assert Path(loading.value.path()).read_bytes() == b"%PDF-1.7 x"
    page.get_by_role("link", name="Delete order.pdf").click()
    expect(page.get_by_role("heading", name="Delete “order.pdf”?")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="Keep it").click()
    expect(page.get_by_role("link", name="order.pdf", exact=True)).to_be_visible()

    page.goto(live_server.url + reverse("portal-profile-background"))
    taxes = page.get_by_role("group", name="Do you owe taxes")
    expect(taxes.get_by_label("What happened")).to_be_hidden()
    taxes.get_by_label("Yes").check()
    taxes.get_by_label("What happened").fill("Paid late, settled in 2020")
    page.get_by_role("button", name="Save answers").click()
    expect(page.get_by_text("Paid late, settled in 2020")).to_be_visible()
    assert said == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_fits_a_phone_and_breaks_no_rule_of_wcag(
    page: Page, live_server: Any, seat: PortalUser, theme: Any
) -> None:
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme=theme)
    log_in(page, live_server, seat)
    fields = {"organization": seat.organization, "producer": seat.producer}
    job = Employment.objects.create(
        employer="Elm & Sons", title="Clerk", starts_on=timezone.localdate().replace(day=1), **fields
    )
    second = make_organization(name="Cedar & Oak")
    Membership.objects.create(organization=second, user=seat.user, role=Role.PRODUCER)
    other = make_seat(make_producer(second), seat.user)
    paths = [reverse(f"portal-{name}") for name in PAGES]
    paths.append(reverse("portal-profile-employment", args=[job.pk]))
    axe = Axe()
    found = []
    for path in paths:
        page.goto(live_server.url + path)
        if not fits(page):
            found.append(f"{path} is wider than a phone")
        told = axe.run(page, options=RULES)
        found += [told.generate_report()] if told.violations_count else []
    # The same of the page of those whose seat is no more.
    PortalUser.objects.filter(pk__in=[seat.pk, other.pk]).update(closed_at=timezone.now())
    page.goto(live_server.url + reverse("portal-home"))
    expect(page.get_by_text("You have no seat in a portal of Harbor Insurance")).to_be_visible()
    told = axe.run(page, options=RULES)
    found += [told.generate_report()] if told.violations_count else []
    assert found == []
