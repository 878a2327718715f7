"""Many producers are onboarded, step by step as the manual tells: browser, workers and sandbox registry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.licenses.models import PaymentSetup
from muster.notices.models import Email
from muster.producers.models import Producer
from tests.conftest import PICTURES
from tests.e2e.test_onboarding import DESK, PATIENCE, PHONE, log_in
from tests.make import make_member, make_organization
from tests.onboarding.files import HEADER, row
from tests.sandbox.process import sandbox_process
from tests.workers import worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member() -> Membership:
    cache.clear()
    return make_member(make_organization(name="Harbor Insurance"), Role.ADMIN, name="Robin Field")


@pytest.fixture
def workers() -> Iterator[None]:
    with (
        sandbox_process() as sandbox,
        worker(
            "bulk",
            "gateway",
            MUSTER_REGISTRY_URL=f"{sandbox.url}/pdb-xml-reports",
            MUSTER_REGISTRY_USER=sandbox.user,
            MUSTER_REGISTRY_PASSWORD=sandbox.password,
        ),
    ):
        yield


def fill_in(sample: Path, rows: list[dict[str, str]], filled: Path) -> None:
    """Write rows under the header of the sample file, as a person would in a spreadsheet."""
    header = [str(cell) for cell in CalamineWorkbook.from_path(sample).get_sheet_by_index(0).to_python()[0]]
    assert header == list(HEADER)
    with xlsxwriter.Workbook(filled) as book:
        sheet = book.add_worksheet("Producers")
        sheet.write_row(0, 0, header)
        for number, told in enumerate(rows, 1):
            sheet.write_row(number, 0, [told[name] for name in header])


def picture(page: Page, name: str) -> None:
    """Look at the page at both widths; nothing may be out of reach for anybody."""
    for width, size in (("desktop", DESK), ("phone", PHONE)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.screenshot(path=PICTURES / f"onboard-many-{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} at {width}"
    assert Axe().run(page).violations_count == 0, name
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


@pytest.mark.usefixtures("workers")
def test_producers_are_onboarded_as_the_manual_tells(
    page: Page, live_server: Any, member: Membership, tmp_path: Path
) -> None:
    PICTURES.mkdir(exist_ok=True)
    log_in(page, live_server, member)
    # Access the bulk onboarding screen.
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Producers").click()
    page.get_by_text("Add", exact=True).click()
    page.get_by_role("link", name="Bulk Producer Onboard").click()
    expect(page.get_by_role("heading", name="Bulk Producer Onboard", level=1)).to_be_visible()
    picture(page, "upload")

    # Prepare the data file.
    with page.expect_download() as download:
        page.get_by_role("link", name="Download Sample File (XLSX)").click()
    download.value.save_as(tmp_path / "sample.xlsx")
    rows = [row(0), row(1), row(2) | {"Last Name": "Otherwise"}]
    fill_in(tmp_path / "sample.xlsx", rows, tmp_path / "hires.xlsx")

    # Upload it; a file of 1997 and a wrong file are replaced first.
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    page.get_by_label("Choose a CSV/XLSX file").set_input_files(tmp_path / "old.xls")
    expect(page.get_by_text("in the format of Excel 97-2003")).to_be_visible()
    page.locator("#upload-file").set_input_files(tmp_path / "hires.xlsx")
    expect(page.get_by_text("hires.xlsx")).to_be_visible()
    page.get_by_role("button", name="Confirm Upload").click()

    # Review: it comes by itself, without a refresh.
    expect(page.get_by_role("heading", name="hires.xlsx", level=1)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("2 ready, 1 failed, 0 onboarded")).to_be_visible()
    expect(page.get_by_text("by another last name")).to_be_visible()
    picture(page, "review")

    # Only the failed entry is reprocessed, after it was mended in place.
    page.get_by_text("Mend row 4").click()
    page.get_by_label("Last Name").fill(row(2)["Last Name"])
    page.get_by_role("button", name="Reprocess", exact=True).click()
    expect(page.get_by_text("3 ready, 0 failed, 0 onboarded")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Onboard Producers").click()

    # Payment details for all, and for one by itself.
    expect(page.get_by_role("heading", name="Payment Details", level=1)).to_be_visible()
    picture(page, "payment")
    each = page.get_by_role("region", name="One by one")
    first = each.locator(".list-group-item").first
    first.locator("summary").click()
    first.get_by_label("New license via").select_option("producer")
    first.get_by_label("Renewal license via").select_option("producer")
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_text("New: Producer, renewal: Producer")).to_be_visible()
    page.get_by_role("group", name="New license via").get_by_text("Agency", exact=True).click()
    page.get_by_role("group", name="Renewal license via").get_by_text("Producer", exact=True).click()
    page.get_by_role("switch", name="Auto-Renewal").check()
    page.get_by_role("button", name="Onboard Producer").click()

    # Track the progress; the email comes at its end.
    expect(page.get_by_text("0 ready, 0 failed, 3 onboarded")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("3 producers are onboarded.")).to_be_visible()
    picture(page, "done")
    assert list(Producer.objects.order_by("npn").values_list("npn", flat=True)) == [
        one["NPN"] for one in rows
    ]
    payers = PaymentSetup.objects.order_by("producer__npn").values_list("new_paid_by", "auto_renewal")
    assert list(payers) == [("producer", False), ("agency", True), ("agency", True)]
    assert Email.objects.get().subject == "Onboard producers: 3 onboarded"
