"""One producer is onboarded, step by step as the manual tells: real browser, worker and sandbox registry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.carriers.models import FilingSettings
from muster.licenses.models import PaymentSetup
from muster.onboarding.models import Draft, Territory
from muster.producers.models import Producer, SyncStatus
from muster.transactions.models import Transaction
from tests.e2e.test_onboarding import DESK, PATIENCE, PHONE, log_in
from tests.make import make_agency, make_member, make_organization, make_producer
from tests.onboarding.starting import TALBOT, make_draft, person
from tests.sandbox.process import SandboxProcess, sandbox_process
from tests.workers import worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member() -> Membership:
    cache.clear()
    organization = make_organization(name="Harbor Insurance")
    member = make_member(organization, Role.ADMIN, name="Robin Field")
    make_agency(organization, name="Cedar Agency")
    FilingSettings.objects.create(organization=organization, registry_fee=560)
    Territory.objects.create(organization=organization, name="West Coast", states=["CA", "OR", "WA"])
    return member


@pytest.fixture
def sandbox(settings: Any) -> Iterator[SandboxProcess]:
    """A sandbox registry which the settings name."""
    with sandbox_process() as running:
        settings.MUSTER_REGISTRY = {
            **settings.MUSTER_REGISTRY,
            "url": f"{running.url}/pdb-xml-reports",
            "user": running.user,
            "password": running.password,
        }
        yield running


def open_wizard(page: Page, npn: str, email: str) -> None:
    """Steps 2 to 6, by NPN."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Producers").click()
    expect(page.get_by_role("heading", name="Manage Producers", level=1)).to_be_visible()
    page.get_by_text("Add", exact=True).click()
    page.get_by_role("link", name="Individual Producer Onboard").click()
    page.get_by_text("NPN", exact=True).click()
    page.get_by_label("National Producer Number (NPN)").fill(npn)
    page.get_by_label("Email address").fill(email)
    page.get_by_role("button", name="Onboard Producer").click()


def pick(page: Page, group: str, choice: str) -> None:
    page.get_by_role("group", name=group).get_by_text(choice, exact=True).click()


def test_a_producer_is_onboarded_as_the_manual_tells(
    page: Page, live_server: Any, member: Membership, sandbox: SandboxProcess
) -> None:
    told = person(TALBOT)
    with worker(
        "gateway",
        MUSTER_REGISTRY_URL=f"{sandbox.url}/pdb-xml-reports",
        MUSTER_REGISTRY_USER=sandbox.user,
        MUSTER_REGISTRY_PASSWORD=sandbox.password,
    ):
        log_in(page, live_server, member)
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Producers").click()
        expect(page.get_by_role("heading", name="Manage Producers", level=1)).to_be_visible()
        page.get_by_text("Add", exact=True).click()
        page.get_by_role("link", name="Individual Producer Onboard").click()

        # An SSN with another last name first, and then the right one.
        page.get_by_label("Social Security Number (SSN)").fill(told.ssn)
        page.get_by_label("Last name").fill("Talbot")
        page.get_by_label("Email address").fill("zoe@harbor.example")
        page.get_by_role("button", name="Onboard Producer").click()
        expect(page.get_by_text("belongs to somebody with another last name")).to_be_visible()
        page.get_by_label("Social Security Number (SSN)").fill(told.ssn)
        page.get_by_label("Last name").fill(told.last_name)
        page.get_by_role("button", name="Onboard Producer").click()

        expect(page.get_by_role("heading", name="Producer Onboarding", level=1)).to_be_visible()
        expect(page.get_by_text(f"***-**-{told.ssn[-4:]}")).to_be_visible()
        page.get_by_label("Agency", exact=True).first.select_option("Cedar Agency")
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_text("Who pays: new license is not told.")).to_be_visible()
        pick(page, "New license via", "Agency")
        pick(page, "Renewal license via", "Producer")
        page.get_by_role("switch", name=re.compile("Auto-Renewal")).check()
        page.get_by_role("button", name="Next").click()

        expect(page.get_by_role("heading", name="Assign States & Territories")).to_be_visible()
        cost = page.locator("[data-cost]")
        expect(cost).to_have_text("$0.00")
        page.get_by_role("checkbox", name="New Hampshire", exact=True).check()
        page.locator("#state-NH").get_by_role("checkbox", name="Property", exact=True).check()
        expect(cost).to_have_text("$215.60")
        page.locator("#state-NH").get_by_role("checkbox", name="Property", exact=True).uncheck()
        expect(cost).to_have_text("$0.00")
        page.locator("#state-NH").get_by_role("checkbox", name="Property", exact=True).check()
        expect(cost).to_have_text("$215.60")
        page.get_by_role("checkbox", name="New York", exact=True).check()
        page.locator("#state-NY").get_by_role("checkbox", name="Life", exact=True).check()
        expect(cost).to_have_text("$221.20 and 1 unknown fee")
        page.get_by_role("button", name="Next").last.click()

        expect(page.get_by_role("heading", name="Details and payment")).to_be_visible()
        expect(page.get_by_text("$221.20 and 1 unknown fee")).to_be_visible()
        assert not Producer.objects.exists()
        page.get_by_role("button", name="Finish").click()
        expect(page.get_by_role("link", name="Add another producer")).to_be_visible()
        page.get_by_role("link", name="Go to producer profile").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Nuñez")
        expect(page.get_by_text("Success").first).to_be_visible(timeout=PATIENCE)

    producer = Producer.objects.get()
    assert (producer.npn, producer.agency and producer.agency.name) == (TALBOT, "Cedar Agency")
    assert producer.sync_status == SyncStatus.SUCCESS
    setup = PaymentSetup.objects.get(producer=producer)
    assert (setup.new_paid_by, setup.renewal_paid_by, setup.auto_renewal) == ("agency", "producer", True)
    asked = Transaction.objects.order_by("jurisdiction").values_list(
        "jurisdiction", "kind", "status", "paid_by"
    )
    assert list(asked) == [("NH", "license", "ready", "agency"), ("NY", "license", "ready", "agency")]


@pytest.mark.usefixtures("sandbox")
def test_a_territory_is_picked_and_the_onboarding_left_and_resumed(
    page: Page, live_server: Any, member: Membership
) -> None:
    log_in(page, live_server, member)
    open_wizard(page, "1000001", "ada@harbor.example")
    pick(page, "New license via", "Producer")
    pick(page, "Renewal license via", "Producer")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="West Coast").click()
    expect(page.get_by_role("checkbox", name=re.compile("^Oregon"))).to_be_checked()
    page.get_by_role("button", name="Casualty").click()
    expect(page.locator("#state-OR").get_by_role("checkbox", name=re.compile("^Casualty"))).to_be_visible()
    page.get_by_role("button", name="Save and leave").click()
    expect(page.get_by_role("heading", name="In onboarding", level=1)).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Producers").click()
    page.get_by_role("link", name=re.compile("^Resume")).click()
    expect(page.get_by_role("heading", name="Assign States & Territories")).to_be_visible()
    expect(page.get_by_role("checkbox", name=re.compile("^Oregon"))).to_be_checked()


@pytest.mark.usefixtures("sandbox")
def test_everything_works_without_javascript(browser: Browser, live_server: Any, member: Membership) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, live_server, member)
    open_wizard(page, TALBOT, "zoe@harbor.example")
    pick(page, "New license via", "Agency")
    pick(page, "Renewal license via", "Agency")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("checkbox", name="New Hampshire", exact=True).check()
    page.locator("#state-NH").get_by_role("checkbox", name="Life", exact=True).check()
    page.get_by_role("button", name="Estimate the cost").click()
    expect(page.locator("[data-cost]")).to_have_text("$215.60")
    page.get_by_role("button", name="Next").last.click()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("link", name="Go to producer profile")).to_be_visible()
    assert Producer.objects.get().npn == TALBOT
    context.close()


def paths(member: Membership) -> list[str]:
    """Every page of an onboarding, and those of territories."""
    make_producer(member.organization)
    draft = make_draft(member, choices={"CA": ["Life"], "NY": ["Life"]})
    hits = [{"npn": "9000021", "name": "Fairweather, Lucia", "state": "TX"}]
    chosen = make_draft(
        member,
        npn="",
        status="identified",
        facts={"hits": hits},
        license_number="77001234",
        license_state="TX",
    )
    why = {"code": "ONBOARD-E001", "field": "NPN", "params": {"npn": "1", "name": "Zoë Nuñez"}}
    failed = make_draft(member, npn="1000002", status="failed", why=why)
    done = make_draft(
        member, npn="1000003", status="onboarded", producer=make_producer(member.organization, npn="1000003")
    )
    at = "/producers/onboarding"
    steps = [f"{at}/{draft.pk}/{step}/" for step in ("details", "states", "review")]
    others = [f"{at}/{one.pk}/" for one in (chosen, failed, done)]
    territory = Territory.objects.get(organization=member.organization)
    places = ["/territories/", "/territories/new/", f"/territories/{territory.pk}/"]
    return ["/producers/", f"{at}/", f"{at}/new/", *steps, *others, *places]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_of_an_onboarding_break_no_rule_of_accessibility(
    page: Page, live_server: Any, member: Membership, theme: Any
) -> None:
    page.emulate_media(color_scheme=theme)
    log_in(page, live_server, member)
    for path in paths(member):
        page.goto(live_server.url + path)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"


@pytest.mark.parametrize("size", [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone")])
def test_pages_of_an_onboarding_fit_the_window(
    page: Page, live_server: Any, member: Membership, size: Any
) -> None:
    page.set_viewport_size(size)
    log_in(page, live_server, member)
    for path in paths(member):
        page.goto(live_server.url + path)
        expect(page).to_have_title(re.compile("Muster"))
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(fits), f"{path} has to be scrolled sideways"
    assert Draft.objects.count() == 4
