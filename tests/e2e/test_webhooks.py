"""An endpoint is made and tried out, and the bell rings: browser, worker and a real receiver."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.core.networks import read_networks
from muster.notices.models import Notice
from tests.e2e.pictures import look
from tests.e2e.test_onboarding import PHONE, log_in
from tests.make import make_member, make_organization, make_producer
from tests.offboarding.removals import remove
from tests.webhooks.receiver import Receiver
from tests.workers import worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member() -> Membership:
    """An Agency Admin."""
    cache.clear()
    return make_member(make_organization(name="Harbor Insurance"), Role.ADMIN, name="Ines Duarte")


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A receiver on this machine, which may be called."""
    settings.MUSTER_WEBHOOKS_PRIVATE = read_networks("127.0.0.0/8")
    server = Receiver()
    yield server
    server.close()


picture = partial(look, area="webhooks")


def bell(page: Page) -> Any:
    return page.get_by_role("link", name="Notices").filter(visible=True)


def test_an_endpoint_is_made_and_tried_and_the_bell_rings(
    quiet: Page, live_server: Any, member: Membership, receiver: Receiver
) -> None:
    page = quiet
    log_in(page, live_server, member)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Webhooks").click()
    expect(page.get_by_text("No program is told yet")).to_be_visible()
    page.get_by_role("link", name="Add an endpoint").first.click()
    page.get_by_label("Address").fill("https://10.0.0.1/")
    page.get_by_role("button", name="Add endpoint").click()
    expect(page.get_by_text("10.0.0.1 is not on the internet")).to_be_visible()
    expect(page.get_by_text("Tick at least one type of event.")).to_be_visible()
    picture(page, "form")
    page.get_by_label("Address").fill(f"{receiver.url}/muster")
    page.get_by_label("Description").fill("CRM")
    page.get_by_label("An import or another bulk action has ended.").check()
    page.get_by_role("button", name="Add endpoint").click()
    secret = page.get_by_label("Signing secret").input_value()
    picture(page, "secret")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("Nothing was sent yet")).to_be_visible()
    with worker("webhooks", "periodic", MUSTER_WEBHOOKS_PRIVATE="127.0.0.0/8"):
        page.get_by_role("button", name="Send a test").click()
        while not page.get_by_text("Delivered").count():
            page.wait_for_timeout(300)
            page.reload()
        assert receiver.calls[0].told["type"] == "webhook.test"
        assert receiver.calls[0].is_signed_with(secret)
        receiver.answer = lambda _: (500, b"Out of <b>order</b>", {})
        remove(member, make_producer(member.organization))
        page.goto(f"{live_server.url}/")
        # The bell is asked again each minute: here the page is loaded until the worker has looked.
        while not Notice.objects.exists():
            page.wait_for_timeout(300)
        page.reload()
        expect(bell(page)).to_have_text("Notices 1 unread")
        page.goto(f"{live_server.url}/webhooks/")
        page.get_by_role("link", name="CRM").click()
        while not page.get_by_text("It answered 500.").count():
            page.wait_for_timeout(300)
            page.reload()
        picture(page, "endpoint")
        page.get_by_role("link", name="operation.finished").click()
        expect(page.get_by_text("Out of <b>order</b>")).to_be_visible()
        picture(page, "delivery")
    for number, kind in enumerate(Notice.Kind):
        Notice.objects.create(
            organization=member.organization, user=member.user, kind=kind, key=str(number), at=timezone.now()
        )
    page.goto(f"{live_server.url}/webhooks/")
    picture(page, "list")
    bell(page).click()
    expect(page.get_by_role("heading", name="Notices", level=1)).to_be_visible()
    expect(bell(page)).to_have_text("Notices 6 unread")
    picture(page, "notices")
    page.get_by_role("button", name="Remove producers is done").click()
    expect(page.get_by_role("heading", name="Remove producers", level=1)).to_be_visible()
    expect(bell(page)).to_have_text("Notices 5 unread")
    page.set_viewport_size(PHONE)
    bell(page).click()
    page.get_by_role("button", name="Mark all as read").click()
    expect(bell(page)).to_have_text("Notices ")
