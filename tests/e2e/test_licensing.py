"""Licenses in a real browser: who pays, applying with the cost in sight, renewing from a list, the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from muster.access.models import Membership
from muster.licenses.models import PaymentSetup
from muster.transactions.models import Transaction
from tests.e2e.listening import errors_of
from tests.e2e.test_shell import SIZES, WINDOWS, fits
from tests.e2e.test_transactions import enter
from tests.make import (
    make_assignment,
    make_license,
    make_line,
    make_member,
    make_organization,
    make_producer,
    make_transaction,
)
from tests.transactions.acting import demand
from tests.transactions.licensing import set_payment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member() -> Membership:
    """An Agency Admin with a producer who is licensed in several states."""
    cache.clear()
    member = make_member(make_organization(name="Harbor Insurance"))
    demand(member.organization, registry_fee=560)
    today = timezone.localdate()
    producer = make_producer(
        member.organization,
        npn="17654321",
        first_name="Beatriz",
        last_name="Núñez",
        sync_status="success",
        synced_at=timezone.now(),
    )
    for number, state, days, residency in (
        ("0A1", "CA", 400, "R"),
        ("0A2", "TX", 40, "NR"),
        ("0A3", "NV", 60, "NR"),
        ("0A4", "NY", 150, "NR"),
        ("0A5", "AZ", -20, "NR"),
    ):
        license = make_license(
            producer, state, number=number, residency=residency, expires_on=today + timedelta(days=days)
        )
        make_line(license, "Life")
    make_assignment(producer, states=["CA", "TX"])
    set_payment(producer, renewal_paid_by="producer", auto_renewal=False)
    make_transaction(
        producer,
        "WA",
        kind="license",
        status="accepted",
        cocode="",
        company_name="",
        line_code="",
        paid_by="agency",
        lines=[["", "Life"]],
        state_fee_charged=6000,
        registry_fee_charged=153,
        decided_at=timezone.now(),
    )
    return member


@pytest.fixture
def quiet(page: Page, live_server: Any, member: Membership) -> Iterator[Page]:
    """The member's window, in which nothing may fail in a script or be refused by the security policy."""
    enter(page, live_server, member)
    said = errors_of(page)
    yield page
    assert said == []


@pytest.mark.parametrize("size", SIZES)
def test_a_license_is_applied_for_with_its_cost_in_sight(quiet: Page, live_server: Any, size: Any) -> None:
    page = quiet
    page.set_viewport_size(size)
    page.goto(f"{live_server.url}/producers/17654321/")
    page.get_by_role("link", name="Apply for a license", exact=True).first.click()
    page.get_by_label("State").select_option("Colorado")
    page.get_by_label("Life", exact=True).check()
    expect(page.get_by_text("$76.60", exact=True)).to_be_visible()
    page.get_by_label("Property", exact=True).check()
    expect(page.get_by_text("$147.60", exact=True)).to_be_visible()
    expect(page.get_by_label("Paid by")).to_have_value("agency")
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_text("1 transaction made, ready to submit.")).to_be_visible()
    [made] = Transaction.objects.filter(kind="license", jurisdiction="CO")
    assert (made.state_fee, made.registry_fee, made.paid_by) == (14200, 560, "agency")


def test_payment_is_set_where_the_producer_stands(quiet: Page, live_server: Any) -> None:
    page = quiet
    page.goto(f"{live_server.url}/producers/17654321/")
    page.get_by_label("New license via").select_option("Producer")
    page.get_by_label("Renewal license via").select_option("Agency")
    page.get_by_label("Auto-Renewal").check()
    page.locator("#payment").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Auto-Renewal")).to_be_checked()
    setup = PaymentSetup.objects.get()
    assert (setup.new_paid_by, setup.renewal_paid_by, setup.auto_renewal) == ("producer", "agency", True)


@pytest.mark.parametrize("size", SIZES)
def test_upcoming_renewals_are_renewed_from_the_list(quiet: Page, live_server: Any, size: Any) -> None:
    page = quiet
    page.set_viewport_size(size)
    page.goto(f"{live_server.url}/licenses/")
    page.get_by_role("link", name="Upcoming Renewals").click()
    rows = page.locator("#licenses tbody tr")
    expect(rows).to_have_count(3)
    for row in range(3):
        rows.nth(row).get_by_role("checkbox").check()
    page.get_by_role("button", name="Renew", exact=True).click()
    page.get_by_role("button", name="Renew 3 licenses").click()
    expect(page.get_by_text("Requested").first).to_be_visible()
    assert sorted(Transaction.objects.filter(kind="renewal").values_list("jurisdiction", flat=True)) == [
        "NV",
        "NY",
        "TX",
    ]
    page.goto(f"{live_server.url}/licenses/?standing=renewals")
    expect(page.get_by_role("link", name="Renewal open").first).to_be_visible()


PATHS = [
    "/licenses/?standing=any",
    "/licenses/?standing=attention",
    "/licenses/fees/",
    "/licenses/fees/?by=state",
    "/producers/17654321/apply/?state=CO&category=life",
]


@pytest.mark.parametrize(("size", "scheme"), WINDOWS)
@pytest.mark.parametrize("path", PATHS)
def test_pages_of_licensing_fit_the_window_and_everybody_can_use_them(
    quiet: Page, live_server: Any, path: str, size: Any, scheme: Any
) -> None:
    quiet.set_viewport_size(size)
    quiet.emulate_media(color_scheme=scheme)
    quiet.goto(live_server.url + path)
    assert fits(quiet)
    found = Axe().run(quiet)
    assert found.violations_count == 0, found.generate_report()
