"""The pages of bulk onboarding: what they take, refuse and never tell."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.bulk.models import Operation, OperationState
from muster.bulk.runner import run
from muster.core.onboarding import DraftStatus
from muster.onboarding.models import Draft, RequiredColumns
from muster.onboarding.tasks import retrieve_now
from tests.make import make_member, with_ssn
from tests.onboarding.files import as_csv, drafts_of, make_file_of_one, row, upload
from tests.onboarding.starting import make_draft
from tests.web.reading import text

pytestmark = pytest.mark.django_db

START = "/producers/onboarding/bulk/"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le")


@pytest.fixture
def browsing(member: Membership, client: Client) -> Client:
    client.force_login(member.user)
    return client


def post_file(browsing: Client, content: bytes, name: str = "hires.csv", **over: str) -> Operation:
    told = {"operation": str(uuid4()), **over}
    browsing.post(START, {**told, "file": SimpleUploadedFile(name, content)})
    return Operation.objects.get(pk=told["operation"])


def page_of(browsing: Client, file: Operation) -> str:
    return browsing.get(reverse("bulk-onboard-file", args=[file.pk])).content.decode()


@pytest.mark.usefixtures("sandbox")
def test_a_file_goes_on_by_itself_until_its_producers_are_looked_up(browsing: Client) -> None:
    file = post_file(browsing, as_csv([row(0), row(1) | {"Last Name": "Otherwise"}]))
    assert "Retrieving Report" in page_of(browsing, file)
    progress = reverse("bulk-onboard-retrieving", args=[file.pk])
    assert "Reading the file" in browsing.get(progress, headers={"HX-Request": "true"}).content.decode()
    run(file.pk)
    assert "Asking the registry for each producer" in page_of(browsing, file)
    answer = browsing.get(progress, headers={"HX-Request": "true"})
    assert "0 of 2 producers, 0 ready, 0 failed" in answer.content.decode()
    retrieve_now()
    answer = browsing.get(progress, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == reverse("bulk-onboard-file", args=[file.pk])
    page = page_of(browsing, file)
    assert "Ready for onboarding" in page
    assert "The registry knows the NPN" in page
    for one in (row(0), row(1)):
        assert one["SSN"] not in page
        assert one["SSN"].replace("-", "") not in page


def test_those_who_are_here_can_be_gone_on_with_while_others_are_asked_for(
    browsing: Client, member: Membership
) -> None:
    here = make_file_of_one(member)
    asked = make_draft(member, operation=here.operation, row_no=3, npn="1000002", status="identified")
    held = page_of(browsing, here.operation)
    assert "Go on with those who are here" in held
    ahead = browsing.get(reverse("bulk-onboard-file", args=[here.operation_id]) + "?ahead=yes")
    assert "1 still asked for, 1 ready, 0 failed" in text(ahead)
    assert "1 producer: no answer yet." in text(ahead)
    Draft.objects.filter(pk=asked.pk).update(
        why={"code": "ONBOARD-E007", "field": None, "value": None, "params": {"why": "It is late."}}
    )
    assert "1 producer: It is late." in page_of(browsing, here.operation)
    url = reverse("bulk-onboard-retrieving", args=[here.operation_id]) + "?seen=1"
    assert "still asked for 1 producer" in text(browsing.get(url, headers={"HX-Request": "true"}))
    Draft.objects.filter(pk=asked.pk).update(status="ready", why=None)
    come = browsing.get(url, headers={"HX-Request": "true"})
    assert "1 answer has come since this page was made. Show them" in text(come)
    assert "hx-get" not in come.content.decode()


def test_a_row_that_failed_is_left_out(browsing: Client, member: Membership) -> None:
    draft = make_file_of_one(member, status="failed", facts={})
    url = reverse("bulk-onboard-leave", args=[draft.operation_id, draft.pk])
    assert "Row 2 is left out." in text(browsing.post(url, follow=True))
    assert "taken care of already" in text(browsing.post(url, follow=True))
    draft.refresh_from_db()
    assert (draft.status, draft.facts, draft.email) == (DraftStatus.DISCARDED, {}, "")


def test_posted_twice_it_is_one_file(browsing: Client) -> None:
    operation_id = str(uuid4())
    for _ in range(2):
        post_file(browsing, as_csv([row(0)]), operation=operation_id)
    assert Operation.objects.count() == 1


def test_a_workbook_of_1997_is_refused_with_what_to_do(browsing: Client) -> None:
    file = post_file(browsing, OLD_WORKBOOK, "old.xls")
    run(file.pk)
    file.refresh_from_db()
    assert file.state == OperationState.BLOCKED
    page = page_of(browsing, file)
    assert "Excel 97-2003" in page
    assert "Replace the file" in page


def test_a_file_that_replaces_another_gives_up_what_is_left_of_it(
    browsing: Client, member: Membership
) -> None:
    old = make_file_of_one(member, **with_ssn("219099999"))
    post_file(browsing, as_csv([row(0)]), replaces=str(old.operation_id))
    old.refresh_from_db()
    assert (old.status, old.ssn_sealed) == (DraftStatus.DISCARDED, None)


@pytest.mark.usefixtures("sandbox")
def test_a_row_is_mended_on_the_page(browsing: Client, member: Membership) -> None:
    file = upload(member, [row(0), row(1) | {"NPN": "12a"}])
    draft = drafts_of(file)[1]
    assert 'value="12a"' in page_of(browsing, file)
    browsing.post(
        reverse("bulk-onboard-mend", args=[file.pk, draft.pk]),
        {"npn": row(1)["NPN"], "last_name": row(1)["Last Name"], "email": row(1)["Email"], "ssn": ""}
        | {"gender": "female"},
    )
    assert retrieve_now().answered == 1
    assert drafts_of(file)[1].status == DraftStatus.READY


def test_nobody_is_onboarded_before_it_is_said_who_pays(browsing: Client, member: Membership) -> None:
    draft = make_file_of_one(member)
    pays = reverse("bulk-onboard-payment", args=[draft.operation_id])
    answer = browsing.post(pays, {"operation": str(uuid4()), "new_paid_by": "agency"}, follow=True)
    assert "Choose who pays for new licenses, and who for renewals." in answer.content.decode()
    assert Draft.objects.get().status == DraftStatus.READY
    told = {"operation": str(uuid4()), "new_paid_by": "agency", "renewal_paid_by": "producer"}
    for _ in range(2):
        answer = browsing.post(pays, told, follow=True)
        assert "Producer Onboard in Progress" in answer.content.decode()
    begun = Operation.objects.get(kind="onboard-producers")
    run(begun.pk)
    answer = browsing.get(reverse("bulk-onboard-progress", args=[draft.operation_id, begun.pk]), follow=True)
    assert "1 producer is onboarded." in answer.content.decode()
    assert Draft.objects.get().status == DraftStatus.ONBOARDED
    assert "Zoë" in browsing.get(reverse("operation-detail", args=[begun.pk])).content.decode()


def test_one_producer_may_be_paid_for_otherwise(browsing: Client, member: Membership) -> None:
    draft = make_file_of_one(member)
    pays = reverse("bulk-onboard-payment-row", args=[draft.operation_id, draft.pk])
    browsing.post(pays, {"new_paid_by": "producer", "renewal_paid_by": "agency", "auto_renewal": "yes"})
    draft.refresh_from_db()
    assert (draft.new_paid_by, draft.renewal_paid_by, draft.auto_renewal) == ("producer", "agency", True)
    browsing.post(pays, {"as_all": "yes"})
    draft.refresh_from_db()
    assert (draft.new_paid_by, draft.auto_renewal) == ("", False)


def test_an_admin_says_which_columns_must_be_filled_in(client: Client, member: Membership) -> None:
    admin = make_member(member.organization, Role.ADMIN)
    client.force_login(admin.user)
    client.post(START + "columns/", {"email": "yes"})
    kept = RequiredColumns.of(member.organization_id)
    assert (kept.email, kept.ssn, kept.gender) == (True, False, False)
    assert "Last Name and NPN must be filled in, and Email." in client.get(START).content.decode()


def test_the_sample_file_has_the_columns_of_the_manual(browsing: Client) -> None:
    sample = browsing.get(reverse("import-template", args=["producer", "csv"])).getvalue().decode("utf-8-sig")
    assert sample.splitlines()[0].split(",") == ["Last Name", "NPN", "Email", "SSN", "Gender"]
