"""Results, downloads, lists and who sees them, on the pages of imports."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.bulk.models import Item, Operation
from muster.console.templatetags.producing import sync_status
from muster.producers.models import Agency, Producer, SyncStatus
from tests.make import make_organization
from tests.web.import_makers import (
    AGENCY_NPN,
    HEADER,
    agency_on_file,
    finish,
    make_processed,
    make_upload,
    row,
)
from tests.web.import_pages import (
    FAULTY,
    HTMX,
    SSN,
    S,
    as_another,
    member,
    post,
    read_csv,
    site,
    url,
    words,
)

__all__ = ["member", "site"]

pytestmark = pytest.mark.django_db


# --- results ---------------------------------------------------------------------------------------


def test_the_results_tell_what_became_of_each_row(site: Client, member: Membership) -> None:
    page = words(site.get(url("import-detail", make_processed(member, FAULTY))))
    assert "13 rows read, 1 blank row skipped. 10 rows were left out." in page
    assert reverse("producer-detail", args=["6000"]) in page
    assert "Says the same as row 12." in page
    assert "No agency of yours has the NPN 999." in page


@pytest.mark.parametrize(
    ("outcome", "rows"),
    [("created", [12, 15]), ("duplicate", [13]), ("rejected", [*range(2, 12)]), ("", [*range(2, 14), 15])],
)
def test_the_rows_can_be_narrowed_to_an_outcome(
    site: Client, member: Membership, outcome: str, rows: list[int]
) -> None:
    response = site.get(url("import-detail", make_processed(member, FAULTY), outcome=outcome))
    assert [shown.row.row_no for shown in response.context["rows"]] == rows


def test_the_rows_come_in_pages(site: Client, member: Membership) -> None:
    operation = make_processed(member, [row(n) for n in range(1000, 1120)])
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        response = site.get(url("import-rows", operation, after=after), headers=HTMX)
        seen += [shown.row.row_no for shown in response.context["rows"]]
        after = response.context["next_after"]
    assert seen == [*range(2, 122)]


def test_the_sync_of_the_touched_producers_is_followed_until_none_waits(
    site: Client, member: Membership
) -> None:
    operation = make_processed(member, [row(1), row(2), row(3)])
    going = site.get(url("import-sync", operation), headers=HTMX)
    assert "every 3s" in words(going)
    assert "Queued</a>" in words(going)
    Producer.objects.update(sync_status=SyncStatus.SUCCESS)
    over = site.get(url("import-sync", operation), headers=HTMX)
    assert "Synced with the registry" in words(over)
    assert "every" not in words(over)


def test_a_sync_that_ended_without_some_reports_says_so(site: Client, member: Membership) -> None:
    operation = make_processed(member, [row(1), row(2), row(3)])
    Producer.objects.update(sync_status=SyncStatus.NOT_FOUND)
    Producer.objects.filter(npn="1").update(sync_status=SyncStatus.SUCCESS_NO_LICENSES)
    told = words(site.get(url("import-sync", operation), headers=HTMX))
    assert "Synced with the registry" not in told
    assert "1 of 3 synced, 2 need attention" in told
    assert f'href="{reverse("producer-list")}?status=not_found"' in told


def test_a_sync_that_is_tried_again_says_when(site: Client, member: Membership) -> None:
    operation = make_processed(member, [row(1), row(2)])
    at = timezone.make_aware(datetime(2031, 3, 4, 15, 7))  # noqa: DTZ001
    Producer.objects.filter(npn="1").update(sync_status=SyncStatus.TIMEOUT, sync_next_at=at)
    told = words(site.get(url("import-sync", operation), headers=HTMX))
    assert "1 producer is tried again automatically, next on" in told
    assert ">March 4, 3:07 PM</time>" in told


def test_a_name_that_differs_from_the_registrys_is_shown_beside_it(site: Client, member: Membership) -> None:
    operation = make_processed(member, [row(1), row(2)])
    Producer.objects.filter(npn="1").update(first_name="Adelheid", name_differs=True)
    page = words(site.get(url("import-detail", operation)))
    assert page.count("In file: ") == 1
    assert "In file: Ada Alder" in page
    assert "Adelheid Alder" in page
    assert "1 name differs from the registry's" in page
    assert f'href="{reverse("producer-list")}?problem=name-differs"' in page


def test_a_rejected_row_is_shown_with_the_name_in_the_file(site: Client, member: Membership) -> None:
    operation = make_processed(member, [row(1), row(2, agency="999", first="Brigid")])
    page = words(site.get(url("import-detail", operation, outcome="rejected")))
    assert "Brigid Alder" in page
    assert "NPN 2<" in page
    assert "Create this agency here" not in page


def test_a_sync_status_has_one_color_on_all_pages(site: Client, member: Membership) -> None:
    operation = make_processed(member, [row(number) for number in range(1, 10)])
    for producer, status in zip(Producer.objects.order_by("id"), SyncStatus, strict=True):
        Producer.objects.filter(pk=producer.pk).update(sync_status=status)
    on_the_list = {one.sync_status: sync_status(one)["color"] for one in Producer.objects.all()}
    of_the_import = site.get(url("import-sync", operation), headers=HTMX).context["parts"]
    at_home = site.get(reverse("home")).context["lines"]
    assert {part.name: part.color for part in of_the_import} == on_the_list
    assert {line.status: line.color for line in at_home} == on_the_list
    assert len(on_the_list) == 9


def test_the_sync_of_very_many_producers_is_counted_after_the_page(
    site: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("muster.console.imports.standing.MANY", 2)
    operation = make_processed(member, [row(1), row(2), row(3)])
    page = words(site.get(url("import-detail", operation)))
    assert "Registry sync" not in page
    assert f'hx-get="{url("import-sync", operation)}" hx-trigger="load"' in page


def test_the_results_file_has_the_users_columns_and_ours(site: Client, member: Membership) -> None:
    response = site.get(url("import-results", make_processed(member, FAULTY)))
    assert 'filename="onboarding-results.csv"' in response["Content-Disposition"]
    header, *rows = read_csv(response)
    assert header == [*HEADER.split(","), "Row", "Outcome", "Reason"]
    assert [row_[-3] for row_ in rows] == [str(n) for n in (*range(2, 14), 15)]
    assert rows[-1] == [*row(6000).split(","), "15", "created", ""]


def test_the_rows_to_mend_can_be_downloaded_alone(site: Client, member: Membership) -> None:
    response = site.get(url("import-results", make_upload(member, FAULTY), only="failed"))
    assert 'filename="onboarding-rows-to-mend.csv"' in response["Content-Disposition"]
    assert [row_[-3] for row_ in read_csv(response)[1:]] == [str(n) for n in range(2, 12)]


def test_the_results_file_uploaded_again_changes_nothing(site: Client, member: Membership) -> None:
    response = site.get(url("import-results", make_processed(member, [row(1), row(2)])))
    again = make_processed(member, content=b"".join(response.streaming_content))
    assert again.outcomes["unchanged"] == 2


def test_no_cell_of_a_download_is_run_by_a_spreadsheet(site: Client, member: Membership) -> None:
    operation = make_processed(member, content=f"{HEADER},Note\n{row(1)},=1+1\n")
    header, only = read_csv(site.get(url("import-results", operation)))
    assert only[header.index("Note")] == "'=1+1"


@pytest.mark.parametrize(("can_see_ssn", "shown"), [(True, SSN), (False, "***-**-6789")])
def test_an_ssn_stands_in_clear_only_for_those_who_may_see_it(
    member: Membership, can_see_ssn: bool, shown: str
) -> None:
    operation = make_processed(member, [row(1, ssn=SSN)])
    client = as_another(member, Role.SPECIALIST, can_see_ssn=can_see_ssn)
    _, only = read_csv(client.get(url("import-results", operation)))
    assert only[4] == shown
    event = Event.objects.get(kind=EventKind.RESULTS_DOWNLOADED)
    assert event.operation_id == operation.pk
    assert event.data == {"only_failed": False, "ssn_in_clear": can_see_ssn}


def test_failed_rows_can_be_tried_again_without_an_upload(site: Client, member: Membership) -> None:
    operation = make_processed(member, [row(1), row(2, agency="999")])
    assert operation.state == S.DONE_WITH_FAILURES
    Agency.objects.create(organization=member.organization, npn="999", name="Birch Agency")
    post(site, "import-check-again", operation)
    finish(operation)
    page = words(site.get(url("import-detail", operation)))
    assert "1 row was written before." in page
    post(site, "import-process", operation)
    assert finish(operation).state == S.DONE
    assert Producer.objects.count() == 2


def test_a_stalled_import_says_what_was_written_and_goes_on(site: Client, member: Membership) -> None:
    operation = make_upload(member, [row(1), row(2)])
    post(site, "import-process", operation)
    Operation.objects.update(state=S.STALLED)
    Item.objects.filter(row_no=2).update(state="applied", outcome="created")
    page = site.get(url("import-detail", operation))
    assert {tile.name: tile.count for tile in page.context["tiles"]} == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
        "not-processed": 1,
    }
    assert "Go on with this import" in words(page)
    post(site, "import-check-again", operation)
    assert finish(operation).state == S.READY
    post(site, "import-process", operation)
    assert finish(operation).state == S.DONE


def test_purged_rows_are_said_to_be_gone_and_cannot_be_downloaded(site: Client, member: Membership) -> None:
    operation = make_processed(member, FAULTY)
    Operation.objects.update(rows_purged=True)
    assert "was deleted after the retention time" in words(site.get(url("import-detail", operation)))
    assert site.get(url("import-results", operation)).status_code == 404


# --- who sees what ---------------------------------------------------------------------------------


def test_a_viewer_sees_results_but_no_control_and_no_download(member: Membership) -> None:
    viewer = as_another(member, Role.VIEWER)
    for operation in (make_upload(member, FAULTY), make_processed(member, FAULTY)):
        page = words(viewer.get(url("import-detail", operation)))
        assert "Texsa" in page
        assert 'method="post" action="/imports/' not in page
        assert "results.csv" not in page


def test_no_page_shows_an_ssn(site: Client, member: Membership) -> None:
    lines = [row(1, ssn=SSN), row(2, ssn="000-45-6789"), row(3, ssn=SSN), row(3, ssn="123-45-6780")]
    for operation in (make_upload(member, lines), make_processed(member, lines)):
        page = words(site.get(url("import-detail", operation)))
        for secret in ("123-45", "12345", "000-45", "00045"):
            assert secret not in page


def test_the_list_holds_the_organizations_own_imports_newest_first(site: Client, member: Membership) -> None:
    make_upload(source_name="theirs.csv")
    for name in ("first.csv", "second.csv"):
        make_upload(member, source_name=name)
    page = words(site.get(url("import-list")))
    assert page.index("second.csv") < page.index("first.csv")
    assert "theirs.csv" not in page


def test_the_list_comes_in_pages_without_gaps_or_repeats(site: Client, member: Membership) -> None:
    now = timezone.now()
    Operation.objects.bulk_create(
        Operation(
            id=uuid4(),
            organization=member.organization,
            by=member.user,
            kind="agent",
            state=S.DONE,
            source_name=f"file-{n}.csv",
            created_at=now,
        )
        for n in range(60)
    )
    seen: list[str] = []
    link: str | None = url("import-list")
    while link:
        response = site.get(link)
        seen += [entry["operation"].source_name for entry in response.context["entries"]]
        link = response.context["older_url"]
    assert len(seen) == 60
    assert len(set(seen)) == 60


@pytest.mark.parametrize(
    "before", ["", "nonsense", "2026-01-01_x", "_", f"2026-01-01T00:00:00_{UUID(int=1)}"]
)
def test_a_page_key_that_makes_no_sense_shows_the_first_page(
    site: Client, member: Membership, before: str
) -> None:
    make_upload(member)
    assert len(site.get(url("import-list", before=before)).context["entries"]) == 1


def test_an_empty_list_offers_the_next_step_to_those_who_may_take_it(
    site: Client, member: Membership
) -> None:
    assert reverse("import-new") in words(site.get(url("import-list")))
    page = words(as_another(member, Role.VIEWER).get(url("import-list")))
    assert "No imports yet" in page
    assert reverse("import-new") not in page


def test_an_agency_of_another_organization_is_not_on_file(site: Client, member: Membership) -> None:
    other = make_organization()
    Agency.objects.create(organization=other, npn="999", name="Theirs")
    agency_on_file(member.organization)
    page = words(site.get(url("import-detail", make_upload(member, [row(1, agency="999"), row(2)]))))
    assert "No agency of yours has the NPN 999." in page
    assert "Theirs" not in page
    assert AGENCY_NPN not in page
