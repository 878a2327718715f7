"""Ending appointments in a real browser: from a producer's page, and before they are renewed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from muster.access.models import Membership
from muster.transactions.models import Transaction
from tests.e2e.test_shell import SIZES, fits
from tests.e2e.test_transactions import PATIENCE, button, member, quiet  # noqa: F401
from tests.make import make_appointment, make_producer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", SIZES)
def test_what_is_ticked_is_checked_again_by_new_terms_and_then_requested(
    quiet: Page,  # noqa: F811
    live_server: Any,
    member: Membership,  # noqa: F811
    size: Any,
) -> None:
    page = quiet
    page.set_viewport_size(size)
    producer = make_producer(member.organization, last_name="Birch")
    for state in ("CA", "FL"):
        make_appointment(producer, state)
    page.goto(f"{live_server.url}/producers/{producer.npn}/")
    expect(button(page, "Terminate")).to_be_hidden()
    for box in page.locator(".list-rows tbody input[type=checkbox]").all():
        box.check()
    button(page, "Terminate").click()

    expect(page.get_by_role("heading", name="Terminate 2 appointments?")).to_be_visible(timeout=PATIENCE)
    _picture(page, f"confirm-{size['width']}")
    page.get_by_label("Reason").select_option("Agent moved")
    why = page.get_by_role("region", name="Why not all")
    expect(why.get_by_text("Florida does not take the reason")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("Reason")).to_have_value("agent_moved")
    fits(page)
    _picture(page, f"refused-{size['width']}")
    page.get_by_label("Note").fill("Left us.")
    page.get_by_label("Batches", exact=True).select_option("All in one")
    button(page, "Submit 1 transaction").click()
    expect(page.get_by_text("1 Ready to Submit.")).to_be_visible(timeout=PATIENCE)
    _picture(page, f"done-{size['width']}")
    one = Transaction.objects.get()
    assert (one.jurisdiction, one.termination_reason, one.request_note) == ("CA", "Agent moved", "Left us.")
    assert (one.batch.jurisdiction, one.batch.cocode) == ("", "")


@pytest.mark.parametrize("size", SIZES)
def test_what_would_be_renewed_in_vain_is_found_and_ticked(
    quiet: Page,  # noqa: F811
    live_server: Any,
    member: Membership,  # noqa: F811
    size: Any,
) -> None:
    page = quiet
    page.set_viewport_size(size)
    producer = make_producer(member.organization, last_name="Birch")
    for state in ("NM", "WI", "CA"):
        make_appointment(producer, state, health="at_risk", risks=["license_expired"])
    page.goto(f"{live_server.url}/renewals/?days=365")
    expect(page.get_by_text("2 appointments")).to_be_visible()
    fits(page)
    _picture(page, f"renewals-{size['width']}")
    page.locator("#candidates tbody input[type=checkbox]").first.check()
    button(page, "Terminate").click()
    expect(page.get_by_role("heading", name="Terminate 1 appointment?")).to_be_visible(timeout=PATIENCE)


def _picture(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=Path(folder) / f"{name}-{theme}.png", full_page=True)
        page.emulate_media(color_scheme="light")
