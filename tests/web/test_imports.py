"""Uploading, checking and mending on the pages of imports, through the real kernel and database."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from muster.access.models import Membership
from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.bulk.models import Item, Operation
from muster.carriers.models import Company
from muster.core.sync import names_differ
from muster.producers.models import Agency
from muster_sandbox.population import producer
from tests.make import make_agency
from tests.web.import_makers import (
    AGENCY_NPN,
    HEADER,
    agent_file,
    finish,
    make_processed,
    make_upload,
    row,
)
from tests.web.import_pages import (
    FAULTY,
    HTMX,
    S,
    member,
    post,
    site,
    upload,
    url,
    words,
)

__all__ = ["member", "site"]

pytestmark = pytest.mark.django_db


# --- uploading -------------------------------------------------------------------------------------


def test_an_upload_starts_an_operation_whose_rows_a_job_will_check(site: Client, member: Membership) -> None:
    operation_id = uuid4()
    response = upload(site, operation_id=operation_id)
    operation = Operation.objects.get(pk=operation_id)
    assert response["Location"] == url("import-detail", operation)
    assert (operation.state, operation.source_name, operation.by) == (
        S.CHECKING,
        "onboarding.csv",
        member.user,
    )
    assert (
        ProcrastinateJob.objects.filter(
            task_name="bulk.run", args={"operation_id": str(operation_id)}
        ).count()
        == 1
    )


def test_posting_the_same_page_twice_starts_one_operation(site: Client) -> None:
    operation_id = uuid4()
    first, second = (upload(site, operation_id=operation_id) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Operation.objects.count() == 1
    assert ProcrastinateJob.objects.filter(task_name="bulk.run").count() == 1


def test_an_id_of_another_organization_is_not_found(site: Client) -> None:
    theirs = make_upload()
    assert upload(site, operation_id=theirs.pk).status_code == 404
    assert Operation.objects.count() == 1


@pytest.mark.parametrize("form", [{"kind": "nothing"}, {"operation": "not-an-id"}])
def test_a_form_that_no_page_made_is_not_found(site: Client, form: dict[str, str]) -> None:
    assert upload(site, **form).status_code == 404


def test_a_form_without_a_file_says_so(site: Client) -> None:
    response = site.post(reverse("import-new"), {"operation": uuid4(), "kind": "agent"}, follow=True)
    assert "No file came with the form." in words(response)
    assert not Operation.objects.exists()


def test_a_form_sent_by_script_is_led_on_by_a_header(site: Client) -> None:
    operation_id = uuid4()
    form = {"operation": operation_id, "kind": "agent", "file": SimpleUploadedFile("a.csv", HEADER.encode())}
    response = site.post(reverse("import-new"), form, headers=HTMX)
    assert response["HX-Redirect"] == reverse("import-detail", args=[operation_id])


def test_uploading_again_puts_the_waiting_upload_aside(site: Client, member: Membership) -> None:
    waiting = make_upload(member)
    upload(site, replaces=waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == S.CANCELED


def test_uploading_again_leaves_an_upload_as_it_is_of_which_rows_were_written(
    site: Client, member: Membership
) -> None:
    written = make_processed(member, [row(1), row(2, agency="999")])
    post(site, "import-check-again", written)
    assert finish(written).state == S.READY
    upload(site, replaces=written.pk)
    written.refresh_from_db()
    assert written.state == S.READY
    assert "Needs mending" in words(site.get(url("import-list")))
    assert 'text-nowrap status-yellow"' in words(site.get(url("import-detail", written)))


def test_a_replaced_upload_does_not_offer_to_go_on(site: Client, member: Membership) -> None:
    waiting = make_upload(member)
    upload(site, replaces=waiting.pk)
    page = words(site.get(url("import-detail", waiting)))
    assert "because a file was uploaded in its place" in page
    assert "Go on with this import" not in page


def test_uploading_again_leaves_what_was_processed_as_it_is(site: Client, member: Membership) -> None:
    done = make_processed(member)
    upload(site, replaces=done.pk)
    done.refresh_from_db()
    assert done.state == S.DONE


def test_uploading_again_cannot_cancel_what_belongs_to_others(site: Client) -> None:
    theirs = make_upload()
    upload(site, replaces=theirs.pk)
    theirs.refresh_from_db()
    assert theirs.state == S.READY


def test_a_file_larger_than_any_limit_is_refused_before_it_is_read(site: Client, settings: Any) -> None:
    settings.MUSTER_UPLOAD_LIMITS = settings.MUSTER_UPLOAD_LIMITS | {"csv_bytes": 1000, "xlsx_bytes": 1000}
    response = upload(site, "x" * 100_000)
    assert response.status_code == 413
    assert not Operation.objects.exists()


@pytest.mark.parametrize(("file_format", "start"), [("xlsx", b"PK"), ("csv", b"\xef\xbb\xbfAgency NPN,")])
def test_the_template_comes_as(site: Client, file_format: str, start: bytes) -> None:
    response = site.get(reverse("import-template", args=["agent", file_format]))
    assert response.content.startswith(start)
    assert f'filename="muster-agent-template.{file_format}"' in response["Content-Disposition"]


@pytest.mark.parametrize("args", [("agent", "pdf"), ("nothing", "csv")])
def test_there_is_no_template_of(site: Client, args: tuple[str, str]) -> None:
    assert site.get(reverse("import-template", args=args)).status_code == 404


def test_the_new_page_tells_the_limits_in_a_sentence(site: Client) -> None:
    page = words(site.get(reverse("import-new")))
    assert (
        "CSV up to 256 MB and 1,000,000 rows, XLSX up to 32 MB and 250,000 rows, 200 columns at most." in page
    )


# --- the check page --------------------------------------------------------------------------------


def test_the_check_page_tells_what_would_happen_in_numbers(site: Client, member: Membership) -> None:
    page = words(site.get(url("import-detail", make_upload(member, FAULTY))))
    assert "13 rows read, 1 blank row skipped. 10 rows need mending." in page
    assert "Process 2 rows" in page
    assert "2 rows are written, 10 left out." in page
    assert "Download the 10 rows that need mending" in page


def test_one_row_is_told_in_the_singular(site: Client, member: Membership) -> None:
    page = words(site.get(url("import-detail", make_upload(member, [row(1), row(2, states="Texsa")]))))
    assert "1 row needs mending." in page
    assert "Process 1 row<" in page.replace(" <", "<")
    assert "1 row is written, 1 left out." in page


def test_a_wrong_value_is_shown_once_with_its_rows_and_the_nearest_value(
    site: Client, member: Membership
) -> None:
    page = words(site.get(url("import-detail", make_upload(member, FAULTY))))
    assert page.count("“Calif.” in States is not a state or territory.") == 1
    assert "7 rows: 2, 3, 4, 5, 6 and 2 more" in page
    assert '<option value="CA" selected>' in page


def test_columns_that_are_not_known_stand_in_the_small_print(site: Client, member: Membership) -> None:
    content = f"{HEADER},Shoe size\n{row(1001)},44\n"
    page = words(site.get(url("import-detail", make_upload(member, content=content))))
    assert "Ignored: no column has this name: Shoe size" in page


def test_mapping_a_value_mends_all_its_rows(site: Client, member: Membership) -> None:
    operation = make_upload(member, FAULTY)
    said = post(site, "import-map-value", operation, field="States", value="Calif.", replacement="CA")
    assert "“Calif.” in States is read as “CA”" in said
    assert operation.state == S.CHECKING
    finish(operation)
    page = words(site.get(url("import-detail", operation)))
    assert "“Calif.” in States is not a state" not in page
    assert "3 rows need mending." in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"field": "States", "value": "Calif.", "replacement": " "}, "Choose what “Calif.” is to be read as"),
        ({"field": "Agent SSN", "value": "1", "replacement": "2"}, "Values of “Agent SSN” cannot be mapped"),
        ({"field": "Shoe size", "value": "1", "replacement": "2"}, "Values of “Shoe size” cannot be mapped"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(
    site: Client, member: Membership, form: dict[str, str], said: str
) -> None:
    operation = make_upload(member, FAULTY)
    assert said in post(site, "import-map-value", operation, **form)
    assert operation.state == S.READY


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [(row("1.5E+09"), "Agent NPN", "1.5E+09"), (row(1, states="=A2"), "States", "=A2")],
)
def test_what_can_mean_different_things_in_different_rows_is_not_mapped(
    site: Client, member: Membership, line: str, field: str, value: str
) -> None:
    operation = make_upload(member, [line])
    page = words(site.get(url("import-detail", operation)))
    assert f"“{value}”" in page
    assert url("import-map-value", operation) not in page
    said = post(site, "import-map-value", operation, field=field, value=value, replacement="TX")
    assert "cannot be replaced once for all" in said
    assert operation.state == S.READY
    assert "mappings" not in operation.params


def test_values_with_and_without_a_suggestion_stand_on_one_card(site: Client, member: Membership) -> None:
    lines = [row(1, states="Calif."), row(2, states="Qqqqq"), row(3, states="Texsa")]
    cards = site.get(url("import-detail", make_upload(member, lines))).context["cards"]
    assert [(card.cause.entry.title, card.count) for card in cards] == [("Not a state", 3)]
    assert {mend.value.value: mend.suggestion for mend in cards[0].mends} == {
        "Calif.": "CA",
        "Texsa": "TX",
        "Qqqqq": "",
    }


def test_all_suggestions_are_taken_with_one_press(site: Client, member: Membership) -> None:
    lines = [row(1, states="Calif."), row(2, states="Qqqqq"), row(3, states="Texsa")]
    operation = make_upload(member, lines)
    assert "Take all suggestions" in words(site.get(url("import-detail", operation)))
    said = post(site, "import-take-suggestions", operation, field="States", code="STATE-E002")
    assert "2 values in States are read as suggested" in said
    assert finish(operation).preview == {"created": 2, "duplicate": 0, "rejected": 1}
    said = post(site, "import-take-suggestions", operation, field="States", code="STATE-E002")
    assert "Nothing is suggested for these values any more." in said
    assert operation.state == S.READY


def test_a_value_is_mapped_as_it_was_shown_however_the_file_wrote_it(
    site: Client, member: Membership
) -> None:
    operation = make_upload(member, [row(1, agency="000999"), row(2, agency="999.0")])
    assert words(site.get(url("import-detail", operation))).count("No agency of yours has the NPN 999.") == 1
    post(site, "import-map-value", operation, field="Agency NPN", value="999", replacement=AGENCY_NPN)
    assert finish(operation).preview["created"] == 2


def test_a_value_that_is_shown_masked_can_only_be_mended_in_the_file(
    site: Client, member: Membership
) -> None:
    shown = make_upload(member, [row(1001, states="123456789")])
    page = site.get(reverse("import-detail", args=[shown.pk])).content.decode()
    assert "***-**-6789" in page
    assert "123456789" not in page
    assert reverse("import-map-value", args=[shown.pk]) not in page
    other = make_upload(member, [row(1001, states="Calif.")])
    assert (
        reverse("import-map-value", args=[other.pk])
        in site.get(reverse("import-detail", args=[other.pk])).content.decode()
    )


def test_what_was_mapped_holds_for_the_mended_file_too(site: Client, member: Membership) -> None:
    operation = make_upload(member, FAULTY)
    post(site, "import-map-value", operation, field="States", value="Calif.", replacement="CA")
    mended = uuid4()
    upload(site, agent_file(FAULTY), operation_id=mended, replaces=operation.pk)
    again = finish(Operation.objects.get(pk=mended))
    page = words(site.get(url("import-detail", again)))
    assert "“Calif.” in States is read as “CA”" in page
    assert "3 rows need mending." in page


def test_several_agencies_are_created_together(site: Client, member: Membership) -> None:
    operation = make_upload(member, [row(n, agency=str(990 + n)) for n in range(1, 5)])
    npns = ["991", "992", "993", "994"]
    form = {"npn": npns, "name": ["Birch Agency", "", "Maple Agency", " "]}
    said = words(site.post(url("import-create-agency", operation), form, follow=True))
    assert "Birch Agency (NPN 991), Maple Agency (NPN 993) are on file" in said
    assert finish(operation).preview["created"] == 2
    assert set(Agency.objects.filter(npn__in=npns).values_list("npn", flat=True)) == {"991", "993"}


def test_creating_the_agency_mends_its_rows(site: Client, member: Membership) -> None:
    operation = make_upload(member, FAULTY)
    said = post(site, "import-create-agency", operation, npn="999", name="Birch Agency")
    assert "Birch Agency (NPN 999) is on file" in said
    finish(operation)
    assert Item.objects.get(operation=operation, row_no=10).state == "ok"
    made = Event.objects.get(kind=EventKind.AGENCY_CREATED)
    assert made.operation_id == operation.pk


def test_an_agency_that_somebody_else_just_created_is_used(site: Client, member: Membership) -> None:
    operation = make_upload(member, FAULTY)
    Agency.objects.create(organization=member.organization, npn="999", name="Maple Agency")
    said = post(site, "import-create-agency", operation, npn="999", name="Birch Agency")
    assert "Maple Agency (NPN 999) is on file" in said
    assert operation.state == S.CHECKING


def test_an_agency_without_a_name_is_refused_with_a_sentence(site: Client, member: Membership) -> None:
    operation = make_upload(member, FAULTY)
    assert "Give the agency a name, then press" in post(
        site, "import-create-agency", operation, npn="999", name=" "
    )


def test_all_or_nothing_with_rejected_rows_writes_nothing_and_says_why(
    site: Client, member: Membership
) -> None:
    operation = make_upload(member, FAULTY)
    said = post(site, "import-process", operation, policy="all-or-nothing")
    assert "Nothing was processed: you chose all or nothing, and 10 rows cannot be processed yet." in said
    assert operation.state == S.READY


def test_a_file_without_a_good_row_cannot_be_processed(site: Client, member: Membership) -> None:
    operation = make_upload(member, [row("x")])
    page = words(site.get(url("import-detail", operation)))
    assert "Nothing to process" in page
    assert "Needs mending" in page
    assert "Ready to process" not in page
    assert "There is no row to process yet." in post(site, "import-process", operation)
    assert operation.state == S.READY


def test_processing_twice_does_it_once(site: Client, member: Membership) -> None:
    operation = make_upload(member, FAULTY)
    for _ in range(2):
        post(site, "import-process", operation, policy="good-rows")
    assert operation.state == S.RUNNING
    assert Event.objects.filter(kind=EventKind.OPERATION_STARTED).count() == 1


def test_what_cannot_be_done_now_is_a_sentence(site: Client, member: Membership) -> None:
    operation = make_processed(member)
    said = post(site, "import-cancel", operation)
    assert "This import has ended already; there is nothing to cancel." in said


def test_what_was_found_is_told_in_order_and_counted_exactly(site: Client, member: Membership) -> None:
    lines = [*FAULTY, f"{AGENCY_NPN},Ada,Alder,7000,,life,,license,producer", ",Ada,Alder,7001,,,,,"]
    operation = make_upload(member, lines)
    found = [
        (card.cause.code, card.cause.field, card.cause.count, card.cause.different)
        for card in site.get(url("import-detail", operation)).context["cards"]
    ]
    assert found == [
        ("STATE-E002", "States", 8, 2),
        ("AGENCY-E001", "Agency NPN", 1, 1),
        ("NPN-E001", "Agent NPN", 1, 1),
        ("ASSIGN-E001", "States", 1, 1),
        ("ROW-E001", "Agency NPN", 1, 1),
    ]


@pytest.mark.parametrize(("companies", "chosen_from"), [(3, True), (101, False)])
def test_a_value_is_chosen_from_a_short_list_and_typed_instead_of_a_long_one(
    site: Client, member: Membership, companies: int, chosen_from: bool
) -> None:
    Company.objects.bulk_create(
        Company(organization=member.organization, cocode=f"{n:05}", name=f"Company {n}")
        for n in range(1, companies + 1)
    )
    operation = make_upload(member, content=f"{HEADER},CoCode\n{row(1)},abc\n")
    page = words(site.get(url("import-detail", operation)))
    assert ("00003 · Company 3" in page) is chosen_from
    assert 'aria-label="Read “abc” in CoCode as"' in page


def test_more_values_of_a_cause_come_on_request(site: Client, member: Membership) -> None:
    operation = make_upload(member, [row(f"{n}a") for n in range(100, 160)])
    page = words(site.get(url("import-detail", operation)))
    assert page.count("is not an NPN: it has characters other than digits.") == 5
    assert "Show 55 more values" in page
    query = {"code": "NPN-E001", "field": "Agent NPN", "from": 5}
    more = words(site.get(url("import-values", operation, **query), headers=HTMX))
    assert more.count("is not an NPN") == 50
    assert "Show 5 more values" in more
    whole = words(site.get(url("import-values", operation, **query)))
    assert whole.count("is not an NPN") == 50
    assert "<h1" in whole


def test_very_many_findings_come_after_the_page(
    site: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("muster.console.imports.standing.FETCHED_AFTERWARDS", 3)
    operation = make_upload(member, FAULTY)
    page = words(site.get(url("import-detail", operation)))
    assert "Calif." not in page
    assert url("import-findings", operation) in page
    assert "Calif." in words(site.get(url("import-findings", operation), headers=HTMX))
    assert "<h1" in words(site.get(url("import-findings", operation)))


@pytest.mark.parametrize("faults", [4, 400])
def test_the_check_page_asks_as_many_queries_for_few_faults_as_for_many(
    site: Client, member: Membership, django_assert_max_num_queries: Callable[..., Any], faults: int
) -> None:
    operation = make_upload(member, [row(f"{n}a", states=f"S{n}") for n in range(faults)])
    site.get(url("import-list"))
    with django_assert_max_num_queries(16):
        site.get(url("import-detail", operation))


def test_the_tutorial_tells_what_happens(site: Client, member: Membership) -> None:
    tutorial = (Path(__file__).parents[2] / "docs/tutorial/first-import.md").read_text("utf-8")
    content = tutorial.partition("```csv\n")[2].partition("```")[0]
    for npn in ("8100001", "8100002"):
        make_agency(member.organization, npn=npn)
    operation = make_upload(member, content=content)
    page = words(site.get(url("import-detail", operation)))
    assert "7 rows read, 1 blank row skipped. 3 rows need mending." in page
    assert operation.preview == {"created": 3, "duplicate": 1, "rejected": 3}
    post(site, "import-map-value", operation, field="States", value="Calif.", replacement="CA")
    post(site, "import-create-agency", finish(operation), npn="8000077", name="Birch Agency")
    page = words(site.get(url("import-detail", finish(operation))))
    assert "7 rows read, 1 blank row skipped. Nothing to mend." in page
    assert "Process 6 rows" in page
    post(site, "import-process", operation)
    assert finish(operation).outcomes["created"] == 6
    assert "Upload another file" in words(site.get(url("import-detail", operation)))
    upload(site, content, operation_id=(again := uuid4()), replaces=operation.pk)
    once_more = finish(Operation.objects.get(pk=again))
    assert once_more.preview["unchanged"] == 6
    page = words(site.get(url("import-detail", once_more)))
    assert "Nothing new: all of it is on file already." in page
    assert "Close this import" in page
    assert "Cancel this import" not in page


def test_the_people_of_the_tutorial_are_the_sandboxs_own_but_for_one_first_name() -> None:
    tutorial = (Path(__file__).parents[2] / "docs/tutorial/first-import.md").read_text("utf-8")
    lines = csv.DictReader(tutorial.partition("```csv\n")[2].partition("```")[0].splitlines())
    told = {line["Agent NPN"]: line for line in lines if line["Agent NPN"]}
    known = {npn: producer(npn, today=timezone.localdate()) for npn in told}
    differing = [
        known[npn].first_name
        for npn, line in told.items()
        if names_differ(line["First Name"], line["Last Name"], known[npn].first_name, known[npn].last_name)
    ]
    assert len(told) == 6
    assert differing == ["Matthew"]


# --- files that cannot be read ---------------------------------------------------------------------


def test_a_file_that_cannot_be_read_gets_instructions_and_the_upload_control(
    site: Client, member: Membership
) -> None:
    operation = make_upload(member, content="First Name,First name\nAda,Ada\n")
    page = words(site.get(url("import-detail", operation)))
    assert operation.state == S.BLOCKED
    assert "The column First Name is there 2 times: First Name, First name." in page
    assert "Add the column Agent NPN and fill it in each row." in page
    assert f'name="replaces" value="{operation.pk}"' in page


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04broken", HEADER.encode()])
def test_nothing_that_is_uploaded_breaks_the_page(site: Client, member: Membership, content: bytes) -> None:
    response = site.get(url("import-detail", make_upload(member, content=content)))
    assert response.status_code == 200
    assert "This file cannot be read as it is" in words(response)


# --- progress --------------------------------------------------------------------------------------


def poll(client: Client, operation: Operation, state: str = "checking") -> Any:
    return client.get(url("import-progress", operation, state=state), headers=HTMX)


def test_progress_tells_how_far_it_is_and_asks_again(site: Client, member: Membership) -> None:
    operation = make_upload(member, run_it=False)
    Operation.objects.update(total=2000, done=500, source_facts={"kind": "csv"})
    response = poll(site, operation)
    assert "500 of about 2,000 rows" in words(response)
    assert 'aria-valuenow="25"' in words(response)
    assert 'hx-trigger="every 1s"' in words(response)


def test_a_workbook_that_is_read_for_the_first_time_promises_no_percentage(
    site: Client, member: Membership
) -> None:
    operation = make_upload(member, run_it=False)
    Operation.objects.update(total=2000, done=500, source_facts={"kind": "xlsx"})
    page = words(poll(site, operation))
    assert "500 rows so far" in page
    assert "%</span>" not in page


def test_an_upload_that_no_worker_takes_up_says_that_it_waits(site: Client, member: Membership) -> None:
    operation = make_upload(member, run_it=False)
    Operation.objects.update(beat_at=timezone.now() - timedelta(minutes=1))
    assert "Waiting for a free worker" in words(poll(site, operation))


def test_progress_ends_by_itself_in_the_next_state(site: Client, member: Membership) -> None:
    operation = make_upload(member)
    response = poll(site, operation)
    assert response["HX-Retarget"] == "#standing"
    assert "Process 1 row" in words(response)
    assert "every 1s" not in words(response)


def test_progress_follows_from_checking_to_processing(site: Client, member: Membership) -> None:
    operation = make_upload(member)
    Operation.objects.update(state=S.RUNNING, started_at=timezone.now(), beat_at=timezone.now())
    response = poll(site, operation)
    assert response["HX-Retarget"] == "#standing"
    assert "state=running" in words(response)


def test_cancel_stops_an_upload_that_is_being_checked(site: Client, member: Membership) -> None:
    operation = make_upload(member, run_it=False)
    post(site, "import-cancel", operation)
    assert operation.cancel_requested
    assert finish(operation).state == S.CANCELED
