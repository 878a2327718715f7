"""Transactions in a real browser: bulk close from the list, batch release by two persons, the why-page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.bulk.models import Operation
from muster.transactions.models import Attempt, Batch, Transaction
from muster.transactions.queries import PAGE
from tests.e2e.listening import errors_of
from tests.e2e.test_shell import SIZES, WINDOWS, fits
from tests.make import make_member, make_organization, make_producer, make_transaction
from tests.transactions.acting import act, demand, start
from tests.transactions.appointing import ask, make_californian, make_carrier_desk, request_for
from tests.workers import worker

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60_000


@pytest.fixture
def member() -> Membership:
    """An Agency Admin of an organization that appoints in California."""
    cache.clear()
    return make_carrier_desk(organization=make_organization(name="Harbor Insurance"), name="Lin Park")[0]


def enter(page: Page, live_server: Any, member: Membership) -> None:
    client = Client()
    client.force_login(member.user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


@pytest.fixture
def quiet(page: Page, live_server: Any, member: Membership) -> Iterator[Page]:
    """The member's window, in which nothing may fail in a script or be refused by the security policy."""
    enter(page, live_server, member)
    said = errors_of(page)
    yield page
    assert said == []


def rows(page: Page) -> Any:
    return page.locator("#transactions tbody tr")


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize("size", SIZES)
def test_all_that_match_are_closed_from_the_list(
    quiet: Page, live_server: Any, member: Membership, size: Any
) -> None:
    page = quiet
    page.set_viewport_size(size)
    producer = make_producer(member.organization, last_name="Birch")
    texans = [make_transaction(producer, "TX", status="not_eligible") for _ in range(PAGE + 4)]
    make_transaction(producer, "TX", status="submitted")
    stays = make_transaction(producer, "NV", status="not_eligible")
    with worker("bulk"):
        page.goto(f"{live_server.url}/transactions/")
        page.get_by_label("State", exact=True).select_option("Texas")
        expect(page.get_by_text(f"{len(texans) + 1} transactions match")).to_be_visible()
        expect(page).to_have_url(re.compile("state=TX"))
        expect(button(page, "Close")).to_be_hidden()
        every = page.get_by_label("Tick every transaction of this page")
        # A phone shows no heads of columns: a tick at any row leads to all that match.
        (every if every.is_visible() else rows(page).first.get_by_role("checkbox")).check()
        expect(page.get_by_text(f"{PAGE if every.is_visible() else 1} ticked")).to_be_visible()
        page.get_by_label(f"All {len(texans) + 1} that match").check()
        button(page, "Close").click()

        expect(page.get_by_role("heading", name=f"Close {len(texans)} transactions?")).to_be_visible(
            timeout=PATIENCE
        )
        expect(page.get_by_role("link", name="1 Not applicable")).to_be_visible()
        expect(page.get_by_text("Submitted 1")).to_be_visible()
        page.get_by_role("textbox", name="Why?").fill("Left Texas")
        button(page, f"Close {len(texans)} transactions").click()
        expect(page.locator("#state")).to_have_text("Done", timeout=PATIENCE)
    expect(page.get_by_role("link", name=f"{len(texans)} Closed")).to_be_visible()
    page.get_by_role("link", name="1 Not applicable").click()
    expect(page.get_by_text("It is Submitted.")).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    expect(page).to_have_url(re.compile(r"/transactions/\?state=TX$"))
    expect(rows(page)).to_have_count(PAGE)
    assert set(Transaction.objects.filter(status="closed").values_list("note", flat=True)) == {"Left Texas"}
    stays.refresh_from_db()
    assert stays.status == "not_eligible"


def test_ticked_rows_are_submitted_at_once_when_that_is_confirmed(
    quiet: Page, live_server: Any, member: Membership
) -> None:
    page = quiet
    producer = make_producer(member.organization)
    for fee in (1500, 2500, None):
        make_transaction(producer, state_fee=fee, registry_fee=500)
    page.goto(f"{live_server.url}/transactions/?status=ready")
    expect(page.get_by_text("Estimated fees: $55.00 and 1 fee unknown")).to_be_visible()
    for box in rows(page).get_by_role("checkbox").all()[1:]:
        box.check()
    expect(page.get_by_text("2 ticked")).to_be_visible()
    button(page, "Submit").click()
    expect(page.get_by_text("$50.00")).to_be_visible()
    button(page, "Submit 2 transactions").click()
    expect(page.get_by_role("link", name="2 Submitted")).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    expect(rows(page).get_by_text("Queued for the registry")).to_have_count(2)


def test_a_batch_is_released_by_a_second_person(
    quiet: Page, live_server: Any, member: Membership, browser: Browser
) -> None:
    demand(member.organization, two_person_release=True)
    preparer = make_member(member.organization, Role.SPECIALIST, name="Pat Reyes")
    ask(preparer, request_for(make_californian(member)))
    batch = Batch.objects.get()
    here = f"{live_server.url}/transactions/batches/{batch.number}/"
    window = browser.new_context(viewport={"width": 1280, "height": 800})
    theirs = window.new_page()
    enter(theirs, live_server, preparer)

    theirs.goto(here)
    button(theirs, "Send to review").click()
    expect(theirs.get_by_text(f"{batch} was sent to review.")).to_be_visible()
    expect(button(theirs, "Approve")).to_have_count(0)

    page = quiet
    page.goto(f"{live_server.url}/transactions/batches/")
    page.get_by_role("link", name="In review 1").click()
    page.get_by_role("link", name=str(batch)).click()
    page.get_by_text("Send back…").click()
    page.get_by_role("textbox", name="Why?").fill("Which county?")
    button(page, "Send back").click()
    expect(page.get_by_text("Sent back by Lin Park:")).to_be_visible()

    theirs.reload()
    expect(theirs.get_by_text("Which county?")).to_be_visible()
    button(theirs, "Send to review").click()
    page.reload()
    button(page, "Approve").click()
    expect(page.get_by_text("Approved by Lin Park")).to_be_visible()
    button(page, "Submit").click()
    expect(page.get_by_text("4 transactions are on the way. This page follows by itself.")).to_be_visible()
    # What the registry decides meanwhile is shown without a reload.
    Transaction.objects.filter(batch=batch).update(status="accepted", released_at=None)
    expect(page.get_by_role("link", name="4 Accepted")).to_be_visible()
    window.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_page_of_one_says_why_and_takes_the_next_step(
    quiet: Page, live_server: Any, member: Membership, size: Any
) -> None:
    page = quiet
    page.set_viewport_size(size)
    ask(member, request_for(make_californian(member, lines=[0])))
    good = Transaction.objects.get(line_name="Life")
    page.goto(f"{live_server.url}/transactions/?reason=line_not_held")
    expect(rows(page)).to_have_count(3)
    rows(page).first.get_by_role("link").first.click()
    why = page.get_by_role("region", name="Why")
    expect(why.get_by_text("No: Required License Not Found")).to_be_visible()
    expect(why.get_by_text("as an active line.")).to_be_visible()
    expect(why.get_by_text("Yes", exact=True)).to_have_count(11)
    expect(why.get_by_role("link", name="Whether agencies are appointed too.")).to_be_visible()

    page.goto(f"{live_server.url}/transactions/{good.number}/")
    button(page, "Submit").click()
    expect(page.get_by_text(f"{good} was submitted.")).to_be_visible()
    expect(page.get_by_role("heading", name="Queued for the registry")).to_be_visible()
    page.get_by_text("Cancel…").click()
    page.get_by_role("textbox", name="Why?").fill("Too early")
    button(page, "Cancel").click()
    expect(page.get_by_role("heading", name="Nothing is awaited")).to_be_visible()
    history = page.get_by_role("region", name="History")
    expect(history.get_by_text("Ready to Submit → Canceled")).to_be_visible()
    expect(history.get_by_text("Too early")).to_be_visible()
    button(page, "Reopen").click()
    expect(page.get_by_role("heading", name="Ready to submit", exact=True)).to_be_visible()
    button(page, "Submit").click()
    expect(page.get_by_text("This page follows by itself.")).to_be_visible()
    # What the registry decides meanwhile is shown without a reload, in the heading too.
    Transaction.objects.filter(pk=good.pk).update(status="accepted")
    expect(page.get_by_role("heading", name="Done")).to_be_visible()
    expect(page.get_by_role("heading", name=f"{good} Accepted")).to_be_visible()
    expect(page.get_by_text("This page follows by itself.")).to_be_hidden()


def test_first_business_begins_the_countdown(quiet: Page, live_server: Any, member: Membership) -> None:
    page = quiet
    one = make_transaction(
        make_producer(member.organization), "VA", status="held", state_fee=1000, registry_fee=500
    )
    page.goto(f"{live_server.url}/transactions/{one.number}/")
    expect(page.get_by_text("Waiting saves $15.00 until there is business.")).to_be_visible()
    page.get_by_text("Mark first business…").click()
    page.get_by_label("Day of the first business").fill(str(timezone.localdate()))
    button(page, "Mark first business").click()
    expect(page.get_by_role("heading", name="To be filed by")).to_be_visible()
    expect(page.get_by_text("days left")).to_be_visible()
    page.goto(f"{live_server.url}/transactions/?due=dated")
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_text("days left")).to_be_visible()


@pytest.fixture
def paths(member: Membership) -> list[str]:
    """Pages with something of every sort on them."""
    ask(member, *(request_for(make_californian(member, lines=lines)) for lines in ([0, 1, 2, 3], [0])))
    now, today = timezone.now(), timezone.localdate()
    one, held, *_ = Transaction.objects.filter(status="ready").order_by("pk")
    Transaction.objects.filter(pk=one.pk).update(
        status="rejected",
        filing_key=uuid4(),
        registry_words="The license does not carry this line.",
        registry_code="4711",
    )
    Attempt.objects.create(
        transaction=one, verb="send", key=uuid4(), began_at=now, ended_at=now, outcome="rejected"
    )
    Transaction.objects.filter(pk=held.pk).update(
        status="held", first_business_on=today, file_by=today + timedelta(days=9)
    )
    ready = Transaction.objects.filter(status="ready").order_by("pk").first()
    assert ready is not None
    bad = Transaction.objects.filter(status="not_eligible").order_by("pk").first()
    assert bad is not None
    act(member, "retry-transactions", [one])
    start(member, "close-transactions", Transaction.objects.all())
    start(member, "submit-transactions", Transaction.objects.all())
    numbers = [one.number, held.number, ready.number, bad.number]
    return [
        "/transactions/",
        "/transactions/?status=ready",
        "/transactions/?q=nobody",
        *(f"/transactions/{number}/" for number in numbers),
        "/transactions/batches/",
        f"/transactions/batches/{ready.batch.number}/",
        *(
            f"/operations/{pk}/"
            for pk in Operation.objects.exclude(kind="appoint").values_list("pk", flat=True)
        ),
        f"/producers/{one.producer.npn}/",
        "/",
    ]


@pytest.mark.parametrize(("size", "theme"), WINDOWS)
def test_the_pages_can_be_read_by_everybody_and_are_no_wider_than_the_window(
    quiet: Page, live_server: Any, paths: list[str], size: Any, theme: str
) -> None:
    page = quiet
    page.set_viewport_size(size)
    page.goto(live_server.url)
    page.evaluate(f"window.musterTheme.choose('{theme}')")
    for path in paths:
        page.goto(f"{live_server.url}{path}")
        assert fits(page), path
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
