"""A newcomer onboards producers: real browser, real worker processes, real sandbox registry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from python_calamine import CalamineWorkbook

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.bulk.models import Operation, OperationState
from muster.bulk.operations import cancel
from muster.producers.models import Producer, SyncStatus
from tests.make import PASSWORD, make_agency, make_member, make_organization
from tests.sandbox.process import sandbox_process
from tests.web.import_makers import agent_file, make_processed, make_upload, row
from tests.workers import worker

pytestmark = pytest.mark.django_db(transaction=True)

KNOWN, UNKNOWN = "8000001", "8000002"  # agencies that the sandbox knows; the second is not on file here
PATIENCE = 150_000  # a sweeper comes by each minute
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def member() -> Membership:
    cache.clear()
    member = make_member(make_organization(name="Harbor Insurance"), Role.ADMIN, name="Robin Field")
    make_agency(member.organization, npn=KNOWN, name="Cedar Agency")
    return member


@pytest.fixture
def workers() -> Iterator[None]:
    """Workers for every queue, with the sweepers, which ask a sandbox registry of their own."""
    with (
        sandbox_process() as sandbox,
        worker(
            "bulk",
            "interactive",
            "gateway",
            "periodic",
            MUSTER_REGISTRY_URL=f"{sandbox.url}/pdb-xml-reports",
            MUSTER_REGISTRY_USER=sandbox.user,
            MUSTER_REGISTRY_PASSWORD=sandbox.password,
        ),
    ):
        yield


def log_in(page: Page, site: Any, member: Membership) -> None:
    page.goto(site.url)
    page.get_by_label("Email").fill(member.user.email)
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Home", level=1)).to_be_visible()


def open_import(page: Page, site: Any, operation: Operation) -> None:
    page.goto(f"{site.url}/imports/{operation.pk}/")


def fill_in(template: Path, rows: Sequence[Mapping[str, str]], filled: Path) -> None:
    """Write rows under the header of the template, as a person would in a spreadsheet."""
    header = [str(cell) for cell in CalamineWorkbook.from_path(template).get_sheet_by_index(0).to_python()[0]]
    assert set().union(*rows) <= set(header)
    with xlsxwriter.Workbook(filled) as book:
        sheet = book.add_worksheet("Agents")
        sheet.write_row(0, 0, header)
        for number, told in enumerate(rows, 1):
            sheet.write_row(number, 0, [told.get(name, "") for name in header])


def hiring_class() -> list[dict[str, str]]:
    """Eight people whom the sandbox knows: two with a state misspelled, two of an agency not on file."""
    return [
        {
            "Agency NPN": UNKNOWN if number in (5, 6) else KNOWN,
            "First Name": "Ada",
            "Last Name": f"Alder{'abcdefgh'[number]}",
            "Agent NPN": str(1_000_011 + number),
            "LOA Category": "life; health",
            "States": "Calif." if number in (1, 2) else "TX",
            "Scorecard Type": "license",
            "Agent Type": "producer",
        }
        for number in range(8)
    ]


@pytest.mark.usefixtures("workers")
def test_a_newcomer_gets_from_the_template_to_synced_producers(
    quiet: Page, live_server: Any, member: Membership, tmp_path: Path
) -> None:
    page = quiet
    log_in(page, live_server, member)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Imports").click()
    expect(page.get_by_text("No imports yet")).to_be_visible()
    page.get_by_role("link", name="New import").click()

    with page.expect_download() as download:
        page.get_by_role("link", name="Template as XLSX").click()
    download.value.save_as(tmp_path / "template.xlsx")
    fill_in(tmp_path / "template.xlsx", hiring_class(), tmp_path / "hiring class.xlsx")

    page.locator("input[type=file]").set_input_files(tmp_path / "hiring class.xlsx")
    expect(page.locator("[data-file-name]")).to_have_text("hiring class.xlsx")
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_text("8 rows read. 4 rows need mending.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Process 4 rows")).to_be_enabled()

    page.get_by_label("Read “Calif.” in States as").select_option("CA")
    page.locator(".cause-value").filter(has_text="Calif.").get_by_role("button", name="Replace").click()
    expect(page.get_by_text("“Calif.” in States is read as “CA”")).to_be_visible()
    expect(page.get_by_text("8 rows read. 2 rows need mending.")).to_be_visible(timeout=PATIENCE)

    page.get_by_label(f"Name of the agency with NPN {UNKNOWN}").fill("Birch Agency")
    page.get_by_role("button", name="Create this agency").click()
    expect(page.get_by_text("8 rows read. Nothing to mend.")).to_be_visible(timeout=PATIENCE)

    page.get_by_role("button", name="Process 8 rows").click()
    expect(page.locator("#state")).to_have_text("Done", timeout=PATIENCE)
    expect(page.get_by_text("8 rows read. Every row is accounted for.")).to_be_visible()
    expect(page.get_by_role("heading", name="Synced with the registry")).to_be_visible(timeout=PATIENCE)

    synced = Producer.objects.filter(organization=member.organization)
    assert synced.count() == 8
    assert {producer.sync_status for producer in synced} <= {
        SyncStatus.SUCCESS,
        SyncStatus.SUCCESS_NO_LICENSES,
    }
    assert set(synced.values_list("agency__name", flat=True)) == {"Cedar Agency", "Birch Agency"}

    with page.expect_download() as download:
        page.get_by_role("link", name="Download the results file").click()
    assert download.value.suggested_filename == "hiring class-results.csv"
    shown = page.locator(".results tbody tr").first
    npn = hiring_class()[0]["Agent NPN"]
    expect(shown).to_contain_text(f"NPN {npn}")
    shown.get_by_role("link").click()
    expect(page.locator("main")).to_contain_text(npn)


@pytest.mark.usefixtures("workers")
def test_everything_works_without_javascript(
    browser: Browser, live_server: Any, member: Membership, tmp_path: Path
) -> None:
    (tmp_path / "class.csv").write_text(agent_file([row(1_000_021), row(1_000_022, states="Texsa")]))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    make_agency(member.organization, npn="8123456")
    log_in(page, live_server, member)
    page.goto(f"{live_server.url}/imports/new/")
    page.locator("input[type=file]").set_input_files(tmp_path / "class.csv")
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_role("heading", name="class.csv")).to_be_visible()

    reload_until(page, "1 row needs mending.")
    page.get_by_role("button", name="Replace").click()
    reload_until(page, "Nothing to mend.")
    page.get_by_role("button", name="Process 2 rows").click()
    reload_until(page, "Every row is accounted for.")
    context.close()


def reload_until(page: Page, words: str) -> None:
    for _ in range(60):
        if page.get_by_text(words).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"the page never said: {words}")


def test_a_file_over_the_limit_is_told_before_it_is_sent(
    quiet: Page, live_server: Any, member: Membership, tmp_path: Path, settings: Any
) -> None:
    settings.MUSTER_UPLOAD_LIMITS = settings.MUSTER_UPLOAD_LIMITS | {"csv_bytes": 2048}
    log_in(quiet, live_server, member)
    quiet.goto(f"{live_server.url}/imports/new/")
    chooser = quiet.locator("input[type=file]")
    button = quiet.get_by_role("button", name="Upload and check")
    (tmp_path / "large.csv").write_text("x" * 5120)
    chooser.set_input_files(tmp_path / "large.csv")
    expect(quiet.get_by_role("alert")).to_contain_text("The file has 5 KB; the limit for CSV files is 2 KB.")
    expect(button).to_be_disabled()
    (tmp_path / "small.csv").write_text(agent_file([row(1)]))
    chooser.set_input_files(tmp_path / "small.csv")
    expect(button).to_be_enabled()
    button.click()
    expect(quiet.get_by_role("heading", name="small.csv")).to_be_visible()


def test_a_file_can_be_dropped(quiet: Page, live_server: Any, member: Membership) -> None:
    log_in(quiet, live_server, member)
    quiet.goto(f"{live_server.url}/imports/new/")
    carried = quiet.evaluate_handle(
        """text => {
            const carried = new DataTransfer();
            carried.items.add(new File([text], "dropped.csv", {type: "text/csv"}));
            return carried;
        }""",
        agent_file([row(1)]),
    )
    for event in ("dragenter", "dragover", "drop"):
        quiet.dispatch_event("[data-dropzone]", event, {"dataTransfer": carried})
    expect(quiet.locator("[data-file-name]")).to_have_text("dropped.csv")
    quiet.get_by_role("button", name="Upload and check").click()
    expect(quiet.get_by_role("heading", name="dropped.csv")).to_be_visible()
    assert Operation.objects.get().source_name == "dropped.csv"


def test_all_or_nothing_with_rejected_rows_says_why_it_cannot_be_processed(
    quiet: Page, live_server: Any, member: Membership
) -> None:
    log_in(quiet, live_server, member)
    open_import(quiet, live_server, make_upload(member, [row(1), row(2), row("x")]))
    button = quiet.get_by_role("button", name="Process 2 rows")
    quiet.get_by_label("All or nothing").check()
    expect(button).to_be_disabled()
    expect(
        quiet.get_by_text("first mend the 1 row that is rejected, or choose good rows only")
    ).to_be_visible()
    quiet.get_by_label("Good rows only").check()
    expect(button).to_be_enabled()


def test_the_page_follows_an_operation_that_somebody_else_moves(
    quiet: Page, live_server: Any, member: Membership
) -> None:
    operation = make_upload(member, run_it=False)
    log_in(quiet, live_server, member)
    open_import(quiet, live_server, operation)
    expect(quiet.get_by_text("Checking every row")).to_be_visible()
    Operation.objects.filter(pk=operation.pk).update(state=OperationState.BLOCKED)
    expect(quiet.get_by_text("This file cannot be read as it is")).to_be_visible()
    expect(quiet.locator("#state")).to_have_text("Cannot be read")


STATES = ["new", "checking", "blocked", "ready", "processed", "canceled"]


def page_in(state: str, member: Membership) -> str:
    """The path of an import page in some state."""
    faulty = [row(1), row(2, states="Texsa"), row(3, agency="99"), row("x"), row(4), row(4), ",,,,,,,,"]
    if state == "new":
        return "/imports/new/"
    if state == "processed":
        return f"/imports/{make_processed(member, faulty).pk}/"
    content = "First Name,First name\nAda,Ada\n" if state == "blocked" else None
    operation = make_upload(member, faulty, content=content, run_it=state != "checking")
    if state == "canceled":
        cancel(operation=operation, member=member, now=operation.created_at)
    return f"/imports/{operation.pk}/"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_pages_of_imports_break_no_rule_of_accessibility(
    page: Page, live_server: Any, member: Membership, state: str, theme: Any
) -> None:
    page.emulate_media(color_scheme=theme)
    log_in(page, live_server, member)
    page.goto(live_server.url + page_in(state, member))
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("size", [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone")])
def test_pages_of_imports_fit_the_window(page: Page, live_server: Any, member: Membership, size: Any) -> None:
    page.set_viewport_size(size)
    log_in(page, live_server, member)
    for path in ["/imports/", *(page_in(state, member) for state in STATES), "/imports/"]:
        page.goto(live_server.url + path)
        expect(page).to_have_title(re.compile("Muster"))
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(fits), f"{path} has to be scrolled sideways"
