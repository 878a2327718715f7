"""The pages of reports: the list, the builder and its rows, saving, exporting, acting, telling by mail."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.bulk.models import Item, Operation
from muster.console.reports import asking
from muster.core.schedules import Every
from muster.core.table import Question
from muster.reports.models import ReportSchedule, SavedReport
from muster.reports.running import TooLong
from muster.reports.saved import save_report
from muster.reports.schedules import recipients_of
from muster.reports.subject import subject_named
from tests.make import (
    make_appointment,
    make_member,
    make_organization,
    make_producer,
    make_transaction,
)
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

LICENSING = "/reports/build/licensing-with-appointments/"
HTMX = {"hx-request": "true"}


@pytest.fixture
def member() -> Membership:
    member = make_member(role=Role.SPECIALIST)
    for number, (state, line) in enumerate([("CA", "Life"), ("NV", "Health"), ("NV", "Life")]):
        producer = make_producer(
            member.organization, npn=str(1234567 + number), first_name="Ada", last_name=f"Alder{number}"
        )
        make_appointment(producer, state, line_name=line)
    return member


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def saved(member: Membership, name: str = "Nevada", **over: Any) -> SavedReport:
    subject = subject_named("licensing-with-appointments")
    question, _ = subject.read({"columns": ["npn,state"], "where": ["state:is:NV"]})
    facts = {"subject": subject, "question": question, "name": name, "is_shared": False, **over}
    return save_report(by=member, **facts)


def told(response: HttpResponse) -> dict[str, list[str]]:
    """The query to which an answer leads."""
    return parse_qs(urlsplit(response["Location"]).query)


# --- the list --------------------------------------------------------------------------------------


def test_the_list_has_ones_own_those_shared_and_those_shipped(browsing: Client, member: Membership) -> None:
    colleague = make_member(member.organization, name="Cleo Reed")
    saved(member, folder="Quarter")
    saved(colleague, "Theirs", is_shared=True)
    saved(colleague, "Secret")
    answer = browsing.get("/reports/")
    page = text(answer)
    assert "Quarter Nevada" in page
    assert "Shared by others Theirs By Cleo Reed" in page
    assert "Secret" not in page
    assert "/reports/shipped/appointments-to-terminate/" in links(answer)
    found = text(browsing.get("/reports/?q=thei"))
    assert "Theirs" in found
    assert "Nevada" not in found
    assert "No report matches" in text(browsing.get("/reports/?q=zzz"))


def test_an_empty_list_says_how_to_begin(browsing: Client) -> None:
    page = text(browsing.get("/reports/"))
    assert "You have saved no report yet" in page
    assert "New Report" in page


def test_a_new_report_begins_with_its_type(browsing: Client) -> None:
    answer = browsing.get("/reports/new/?q=producer licensing with")
    assert LICENSING in links(answer)
    assert "/reports/build/transactions/" not in links(answer)
    assert "No report type matches" in text(browsing.get("/reports/new/?q=zzz"))


@pytest.mark.parametrize("path", ["build/weather/", "shipped/weather/", "99999/", "build/weather/count/"])
def test_what_there_is_not_is_not_found(path: str, browsing: Client) -> None:
    assert browsing.get(f"/reports/{path}").status_code == 404


# --- the builder -----------------------------------------------------------------------------------


def test_a_report_shows_its_first_rows_and_columns(browsing: Client) -> None:
    with same_number_of_queries("report-build"):
        answer = browsing.get(LICENSING)
    page = text(answer)
    assert "Alder0, Ada" in page
    assert "/producers/1234567/" in links(answer)
    with same_number_of_queries("report-count"):
        answer = browsing.get(f"{LICENSING}count/")
    assert "3 appointments" in text(answer)
    with same_number_of_queries("report-groups"):
        answer = browsing.get(f"{LICENSING}groups/?group=state")
    assert "NV 2 CA 1" in text(answer)


EDITS: dict[str, tuple[dict[str, Any], dict[str, list[str]]]] = {
    "a column is added": ({"column": ["npn"], "add": "state"}, {"columns": ["npn,state"]}),
    "a column twice is one": ({"column": ["npn"], "add": "npn"}, {"columns": ["npn"]}),
    "a column is removed": ({"column": ["npn", "state"], "remove": "npn"}, {"columns": ["state"]}),
    "the last column stays": ({"column": ["npn"], "remove": "npn"}, {"columns": ["npn"]}),
    "a column moves up": ({"column": ["npn", "state"], "up": "state"}, {"columns": ["state,npn"]}),
    "the first stays the first": ({"column": ["npn", "state"], "up": "npn"}, {"columns": ["npn,state"]}),
    "a column moves down": ({"column": ["npn", "state"], "down": "npn"}, {"columns": ["state,npn"]}),
    "what is dragged comes in its order": ({"column": ["state", "npn"]}, {"columns": ["state,npn"]}),
    "no field is passed over": ({"column": ["npn", "color"], "add": "color"}, {"columns": ["npn"]}),
    "a filter is added": (
        {"column": ["npn"], "filter": "cocode"},
        {"columns": ["npn"], "where": ["cocode:is:"]},
    ),
    "filters are read in their order": (
        {
            "column": ["npn"],
            "field": ["state", "line"],
            "operator": ["in", "empty"],
            "value": ["CA; NV", ""],
        },
        {"columns": ["npn"], "where": ["state:in:CA; NV", "line:empty:"]},
    ),
    "a filter is taken off": (
        {
            "column": ["npn"],
            "field": ["state", "line"],
            "operator": ["is", "is"],
            "value": ["CA", "Life"],
            "unfilter": "0",
        },
        {"columns": ["npn"], "where": ["line:is:Life"]},
    ),
    "rows are sorted, grouped, and one's own": (
        {"column": ["npn"], "by": "state", "turned": "yes", "group": "line", "mine": "yes"},
        {"columns": ["npn"], "sort": ["-state"], "group": ["line"], "mine": ["yes"]},
    ),
}


@pytest.mark.parametrize(("form", "query"), EDITS.values(), ids=EDITS)
def test_an_edit_leads_to_an_address_that_says_it(
    form: dict[str, Any], query: dict[str, list[str]], browsing: Client
) -> None:
    answer = browsing.get(LICENSING, {"edit": "yes", **form})
    assert answer.status_code == 302
    assert told(answer) == query
    with_scripts = browsing.get(LICENSING, {"edit": "yes", **form}, headers=HTMX)
    assert with_scripts.status_code == 200
    assert parse_qs(urlsplit(with_scripts["HX-Push-Url"]).query) == query


def test_the_focus_stays_on_the_button_and_the_move_is_told(browsing: Client) -> None:
    form = {"edit": "yes", "column": ["npn", "state", "line"], "down": "npn"}
    page = browsing.get(LICENSING, form, headers=HTMX).content.decode()
    assert "NPN is column 2 of 3." in page
    assert 'id="down-npn" aria-label="Move NPN down" title="Down" autofocus' in page


def test_more_filters_than_there_can_be_are_refused_with_what_to_do(browsing: Client) -> None:
    filters = {
        "field": ["line"] * 20,
        "operator": ["has"] * 20,
        "value": [str(number) for number in range(20)],
    }
    form = {"edit": "yes", "column": ["npn"], "filter": "state", **filters}
    assert "at most 20 filters" in text(browsing.get(LICENSING, form, headers=HTMX))


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("cocode:is:", "Say with what CoCode is compared."),
        ("state:is:Atlantis", "State Code is never “Atlantis”."),
        ("color:is:red", "There is no field “color” here."),
        ("effective_on:before:soon", "write a day as YYYY-MM-DD"),
    ],
)
def test_a_filter_that_means_nothing_is_told_and_nothing_is_run(
    where: str, says: str, browsing: Client, member: Membership
) -> None:
    query = {"where": where, "columns": "producer"}
    page = text(browsing.get(LICENSING, query))
    assert says in page
    assert "Nothing is run until each filter is complete" in page
    assert "Alder" not in page
    assert "Alder" not in text(browsing.get(f"{LICENSING}count/", query))
    for url in ("save/", "export/csv/", "export/xlsx/"):
        answer = browsing.get(LICENSING + url, query)
        assert (answer.status_code, told(answer)["where"]) == (302, [where])
    assert not Event.objects.filter(kind="report:export").exists()


def test_filters_as_the_report_that_was_asked_for_has_them(browsing: Client) -> None:
    query = {
        "columns": "producer,npn,state,line,cocode",
        "where": ["cocode:is:90101", "status:is:Appointed", "line:in:Life;Health", "state:in:nv"],
    }
    page = text(browsing.get(LICENSING, query))
    assert "State Code is one of Nevada" in page
    assert "Alder1, Ada 1234568 NV Health 90101 Alder2, Ada 1234569 NV Life 90101" in page


def test_days_counted_from_today_are_days(browsing: Client) -> None:
    page = text(browsing.get("/reports/shipped/licenses-expiring/", follow=True))
    assert "Expires before 61 days from now" in page
    assert "No rows" in page


@pytest.mark.parametrize(
    "value",
    ["9999-12-31", "0001-01-01", "9999 days ago", "9999 days from now"],
)
def test_days_at_the_ends_of_the_calendar_break_nothing(value: str, browsing: Client) -> None:
    for operator in ("is", "not", "before", "after"):
        query = {"where": [f"synced_at:{operator}:{value}", f"expires_on:{operator}:{value}"]}
        assert browsing.get("/reports/build/licenses/", query).status_code == 200


@pytest.mark.parametrize("value", ["99999999999999999", "-99999999999999999"])
def test_numbers_beyond_all_rows_find_nothing(value: str, browsing: Client) -> None:
    for where in (f"rows:is:{value}", f"created:after:{value}", f"rows:before:{value}"):
        assert browsing.get("/reports/build/operations/", {"where": where}).status_code == 200


def test_mine_is_offered_where_there_is_a_mine(browsing: Client) -> None:
    assert "Only those of producers that I imported" in text(browsing.get(LICENSING))
    assert "Only those" not in text(browsing.get("/reports/build/agencies/"))
    assert "No rows" in text(browsing.get(LICENSING, {"mine": "yes"}))


def test_rows_come_in_pages_up_to_so_many(browsing: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ROWS_A_PAGE", 1)
    monkeypatch.setattr(asking, "LAST_PAGE", 2)
    query = {"columns": "npn", "sort": "npn"}
    answer = browsing.get(LICENSING, query)
    assert "1234567" in text(answer)
    assert any("page=2" in link for link in links(answer))
    answer = browsing.get(LICENSING, {**query, "page": "2"})
    assert "1234568" in text(answer)
    assert "Export for all of them" in text(answer)
    assert not any("page=3" in link for link in links(answer))
    assert browsing.get(LICENSING, {**query, "page": "99999999999999999999"}).status_code == 200


def test_a_group_leads_to_its_rows(browsing: Client) -> None:
    answer = browsing.get(LICENSING, {"group": "state", "whole": "yes", "columns": "npn"})
    [link] = [one for one in links(answer) if "state%3Ais%3ANV" in one]
    page = text(browsing.get(link))
    assert "1234568" in page
    assert "1234567" not in page
    assert "3 appointments" in text(answer)


def test_what_takes_too_long_is_told_with_what_to_do(
    browsing: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: object, **kwargs: object) -> None:
        raise TooLong("This takes longer than 5 seconds. Add a filter.")

    for name in ("within", "counted"):
        monkeypatch.setattr(asking, name, never)
    assert "Add a filter" in text(browsing.get(LICENSING))
    assert "Add a filter" in text(browsing.get(f"{LICENSING}count/"))
    assert "Add a filter" in text(browsing.get(f"{LICENSING}groups/?group=state"))


# --- saving ----------------------------------------------------------------------------------------


def test_a_report_is_saved_and_opens_as_it_was(browsing: Client, member: Membership) -> None:
    query = "?columns=npn%2Cstate&where=state%3Ais%3ANV&sort=-npn"
    form = {"name": "Nevada", "folder": "West", "is_shared": "on"}
    answer = browsing.post(f"{LICENSING}save/{query}", form)
    report = SavedReport.objects.get()
    assert answer["Location"] == f"/reports/{report.pk}/"
    assert (report.folder, report.is_shared, report.owner) == ("West", True, member.user)
    opened = browsing.get(answer["Location"])
    assert told(opened) == {
        "columns": ["npn,state"],
        "where": ["state:is:NV"],
        "sort": ["-npn"],
        "saved": [str(report.pk)],
    }
    page = text(browsing.get(opened["Location"]))
    assert "Nevada" in page
    again = browsing.post(f"{LICENSING}save/{query}", {"name": "nevada"})
    assert "You have a report “nevada” already." in text(again)
    assert "Give the report a name" in text(browsing.post(f"{LICENSING}save/{query}", {"name": " "}))


def test_a_change_is_saved_by_one_click(browsing: Client, member: Membership) -> None:
    report = saved(member)
    query = f"?columns=npn&where=state%3Ais%3ACA&saved={report.pk}"
    assert f"/reports/{report.pk}/keep/" in browsing.get(LICENSING + query).content.decode()
    browsing.post(f"/reports/{report.pk}/keep/{query}")
    report.refresh_from_db()
    assert report.query == "columns=npn&where=state%3Ais%3ACA"
    assert f"/reports/{report.pk}/keep/" not in browsing.get(LICENSING + query).content.decode()


def test_a_saved_filter_that_means_nothing_any_more_is_shown_to_be_mended(
    browsing: Client, member: Membership
) -> None:
    report = saved(member)
    SavedReport.objects.update(query="where=state%3Ais%3AAtlantis&where=line%3Ais%3ALife")
    page = text(browsing.get(f"/reports/{report.pk}/", follow=True))
    assert "State Code is never “Atlantis”" in page


def test_a_report_is_renamed_and_deleted_by_its_owner(browsing: Client, member: Membership) -> None:
    report, other = saved(member), saved(member, "Other")
    url = reverse("report-settings", args=[report.pk])
    assert "You have a report “Other” already" in text(browsing.post(url, {"name": "Other"}))
    browsing.post(url, {"name": "West", "folder": "Q1"})
    report.refresh_from_db()
    assert (report.name, report.folder, report.is_shared) == ("West", "Q1", False)
    browsing.post(reverse("report-delete", args=[report.pk]))
    assert list(SavedReport.objects.all()) == [other]


def test_a_colleague_saves_a_copy_and_changes_nothing(browsing: Client, member: Membership) -> None:
    report = saved(make_member(member.organization), is_shared=True)
    page = browsing.get(f"/reports/{report.pk}/", follow=True)
    assert "save it as your own" in text(page)
    for name in ("report-keep", "report-settings", "report-delete", "report-mail"):
        assert browsing.post(reverse(name, args=[report.pk])).status_code == 403
    query = f"?saved={report.pk}&columns=npn"
    browsing.post(f"{LICENSING}save/{query}", {"name": report.name})
    assert SavedReport.objects.filter(owner=member.user).count() == 1


def test_the_report_of_another_organization_is_not_found(browsing: Client) -> None:
    report = saved(make_member(make_organization()), is_shared=True)
    for path in (f"{report.pk}/", f"build/licensing-with-appointments/?saved={report.pk}"):
        assert browsing.get(f"/reports/{path}").status_code == 404


# --- exporting and acting --------------------------------------------------------------------------


def test_an_export_has_the_columns_in_their_order(browsing: Client) -> None:
    query = {"columns": "cocode,npn", "where": "state:is:CA", "shipped": "appointments-to-terminate"}
    answer = browsing.get(f"{LICENSING}export/csv/", query)
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows == [["CoCode", "NPN"], ["90101", "1234567"]]
    assert "appointments-to-terminate-" in answer["Content-Disposition"]
    answer = browsing.get(f"{LICENSING}export/xlsx/", query)
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert Event.objects.filter(kind="report:export", data__rows=1).count() == 2
    assert browsing.get(f"{LICENSING}export/pdf/", query).status_code == 404


TRANSACTIONS = "/reports/build/transactions/"


def test_rows_are_acted_on_as_they_are_asked_for(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization)
    one = make_transaction(producer, jurisdiction="CA")
    make_transaction(producer, jurisdiction="NV")
    query = {"where": "state:is:CA"}
    page = browsing.get(f"{TRANSACTIONS}count/", query)
    assert "1 transaction: checked first, then you confirm." in text(page)
    form = {"action": "close-transactions", "operation": "6f3c2a8e-0000-4000-8000-000000000001"}
    answers = [browsing.post(f"{TRANSACTIONS}act/?where=state%3Ais%3ACA", form) for _ in range(2)]
    operation = Operation.objects.get()
    assert [one["Location"] for one in answers] == [f"/operations/{operation.pk}/"] * 2
    assert list(Item.objects.values_list("target_id", flat=True)) == [one.pk]
    assert "state%3Ais%3ACA" in operation.params["back"]


def test_with_a_filter_that_means_nothing_nothing_is_done(browsing: Client, member: Membership) -> None:
    make_transaction(make_producer(member.organization))
    url = f"{TRANSACTIONS}act/?where=state%3Ais%3AAtlantis"
    answer = browsing.post(url, {"action": "close-transactions"}, follow=True)
    assert "Nothing was done. State Code is never “Atlantis”." in text(answer)
    assert not Operation.objects.exists()


def test_only_what_a_person_may_do_to_such_rows_is_offered(client: Client, member: Membership) -> None:
    client.force_login(make_member(member.organization, Role.VIEWER).user)
    make_transaction(make_producer(member.organization))
    assert "Act on these rows" not in text(client.get(f"{TRANSACTIONS}count/"))
    assert client.post(f"{TRANSACTIONS}act/", {"action": "close-transactions"}).status_code == 403
    assert client.post(f"{TRANSACTIONS}act/", {"action": "weather"}).status_code == 404
    assert client.post(f"{LICENSING}act/", {"action": "close-transactions"}).status_code == 404


# --- by mail ---------------------------------------------------------------------------------------


def test_a_report_is_told_by_mail_to_whom_its_owner_chose(browsing: Client, member: Membership) -> None:
    report, colleague = saved(member), make_member(member.organization)
    assert set(recipients_of(member)) == {member, colleague}
    url = reverse("report-mail", args=[report.pk])
    form = {"every": "month", "weekday": "2", "monthday": "5", "recipients": [member.pk, colleague.pk]}
    answer = browsing.post(url, form, follow=True)
    assert "“Nevada” is told of on day 5 of every month." in text(answer)
    schedule = ReportSchedule.objects.get()
    assert (schedule.every, schedule.on) == (Every.MONTH, 5)
    assert schedule.recipients == [member.pk, colleague.pk]
    assert "By mail" in text(browsing.get("/reports/"))
    assert "Choose at least one person" in text(browsing.post(url, {"every": "day"}))
    for every in ("week", "month"):
        told = text(browsing.post(url, {"every": every, "recipients": [member.pk]}))
        assert "Choose a day." in told
    stranger = make_member(make_organization())
    assert "is not one of" in text(browsing.post(url, {"every": "day", "recipients": [stranger.pk]}))
    assert "End the mail" in text(browsing.get(url))
    browsing.post(url, {"end": "yes"})
    assert not ReportSchedule.objects.exists()


def test_whoever_is_told_of_a_report_can_open_it(client: Client, member: Membership) -> None:
    report, colleague = saved(member), make_member(member.organization)
    client.force_login(colleague.user)
    assert client.get(f"/reports/{report.pk}/").status_code == 404
    ReportSchedule.objects.create(
        organization=member.organization,
        report=report,
        every="day",
        recipients=[colleague.pk],
        since="2026-01-01T00:00Z",
    )
    assert client.get(f"/reports/{report.pk}/").status_code == 302


def test_the_number_of_queries_of_the_list_does_not_grow(browsing: Client, member: Membership) -> None:
    for number in range(5):
        saved(member, f"Report {number}")
        save_report(
            by=make_member(member.organization),
            subject=subject_named("agencies"),
            question=Question(),
            name=f"Theirs {number}",
            is_shared=True,
        )
    with same_number_of_queries("report-list"):
        browsing.get("/reports/")
