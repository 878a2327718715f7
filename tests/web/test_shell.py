"""The frame of the pages, the event log and the pages for errors."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, resolve, reverse

from muster.access.models import Membership, Organization
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.audit.operations import EventKind, record
from muster.bulk.models import Operation
from muster.console.activity.links import link_of
from muster.console.activity.sentences import WORDS, tell
from tests.make import make_member, make_organization, make_producer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def come_in(client: Client, role: Role = Role.ADMIN, organization: Organization | None = None) -> Membership:
    member = make_member(organization, role)
    client.force_login(member.user)
    return member


def make_operation(organization: Organization, **over: Any) -> Operation:
    return Operation.objects.create(
        id=uuid4(),
        organization=organization,
        **{"kind": "agent", "state": "done", "source_name": "a.csv", **over},
    )


# --- the frame -------------------------------------------------------------------------------------

FOR_ALL = [
    "Home",
    "Producers",
    "Contacts",
    "Licenses",
    "Appointments",
    "Before renewal",
    "Transactions",
    "Scorecards",
    "Reports",
    "Agencies",
    "Companies",
    "State rules",
    "Territories",
    "Reminders",
    "Changes",
    "Imports",
]


@pytest.mark.parametrize(
    ("role", "areas"),
    [
        (
            Role.ADMIN,
            [*FOR_ALL, "Portals", "Registry", "Mailings", "Mail", "Webhooks", "People", "Activity"],
        ),
        (Role.SPECIALIST, [*FOR_ALL, "Portals", "Registry", "Mailings"]),
        (Role.SUBMITTER, [*FOR_ALL, "Registry"]),
        (Role.VIEWER, [*FOR_ALL, "Registry"]),
        (Role.PRODUCER, []),
    ],
)
def test_the_navigation_shows_what_the_role_may_enter(client: Client, role: Role, areas: list[str]) -> None:
    come_in(client, role)
    shell = client.get(reverse("account")).context["shell"]
    assert [entry.label for entry in shell.navigation] == areas


@pytest.mark.parametrize(
    ("name", "current"), [("home", "Home"), ("people", "People"), ("activity", "Activity"), ("account", None)]
)
def test_the_navigation_marks_the_area_that_one_is_in(client: Client, name: str, current: str | None) -> None:
    come_in(client)
    page = client.get(reverse(name))
    assert [entry.label for entry in page.context["shell"].navigation if entry.current] == [current][
        : bool(current)
    ]
    assert page.content.decode().count('aria-current="page"') == bool(current)


def test_every_area_of_the_navigation_opens(client: Client) -> None:
    come_in(client)
    shell = client.get(reverse("home")).context["shell"]
    assert {entry.url: client.get(entry.url).status_code for entry in shell.navigation} == {
        entry.url: 200 for entry in shell.navigation
    }


def test_organizations_can_be_switched_only_by_those_who_have_several(client: Client) -> None:
    member = come_in(client)
    assert "Switch organization" not in client.get(reverse("home")).content.decode()
    Membership.objects.create(
        organization=make_organization(name="Cedar & Oak"), user=member.user, role="viewer"
    )
    page = client.get(reverse("home")).content.decode()
    assert "Switch organization" in page
    assert "Cedar &amp; Oak" in page


@pytest.mark.parametrize(
    ("name", "email", "initials"),
    [
        ("Ada Alder", "a@x.example", "AA"),
        ("Ada", "a@x.example", "A"),
        ("", "lin@x.example", "L"),
        ("Ana María de la Cruz", "a@x.example", "AC"),
    ],
)
def test_the_avatar_shows_initials(client: Client, name: str, email: str, initials: str) -> None:
    client.force_login(make_member(name=name, email=email).user)
    assert client.get(reverse("home")).context["shell"].initials == initials


def test_pages_carry_no_script_or_handler_of_their_own(client: Client) -> None:
    come_in(client)
    for url in (
        reverse("home"),
        reverse("people"),
        reverse("activity"),
        "/accounts/2fa/",
        "/accounts/password/change/",
    ):
        page = client.get(url)
        assert "script-src 'self'" in page["Content-Security-Policy"]
        assert page.content.decode().count("<script") == page.content.decode().count("<script src=")
        assert " onclick=" not in page.content.decode()


@pytest.mark.parametrize("is_demo", [True, False])
def test_demo_logins_stand_on_the_log_in_page_of_the_demo_alone(
    client: Client, settings: Any, tmp_path: Path, is_demo: bool
) -> None:
    settings.MUSTER_DEMO, settings.MUSTER_HOME = is_demo, tmp_path
    login = {"email": "admin@demo.example", "password": "made-up-words", "role": "Agency Admin"}
    (tmp_path / "demo-logins.json").write_text(json.dumps([login]))
    assert ("made-up-words" in client.get("/accounts/login/").content.decode()) is is_demo


@pytest.mark.parametrize("content", [None, "", "{", "[]"])
def test_a_demo_without_a_list_of_logins_still_has_a_log_in_page(
    client: Client, settings: Any, tmp_path: Path, content: str | None
) -> None:
    settings.MUSTER_DEMO, settings.MUSTER_HOME = True, tmp_path
    if content is not None:
        (tmp_path / "demo-logins.json").write_text(content)
    assert client.get("/accounts/login/").status_code == 200


# --- the event log ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_has_a_sentence_even_without_details(kind: EventKind) -> None:
    assert kind in WORDS
    assert tell(Event(kind=kind)).text({}).strip()


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        (EventKind.OPERATION_UPLOADED, {"file": "agents.csv"}, "uploaded “agents.csv”"),
        (EventKind.OPERATION_STARTED, {"rows": 1}, "started an import of 1 row"),
        (EventKind.OPERATION_STARTED, {"rows": 25000}, "started an import of 25,000 rows"),
        (
            EventKind.OPERATION_FINISHED,
            {"outcomes": {"created": 1200, "updated": 0, "rejected": 3}},
            "finished an import: 1,200 created, 3 rejected",
        ),
        (EventKind.SSN_REVEALED, {"npn": "1234567"}, "looked at the SSN of NPN 1234567"),
        (
            EventKind.RESULTS_DOWNLOADED,
            {"only_failed": True, "ssn_in_clear": True},
            "downloaded the failed rows of an import, with SSNs in clear",
        ),
        (
            EventKind.OPERATION_VALUE_MAPPED,
            {"field": "States", "value": "Calif.", "replacement": "CA"},
            "had “Calif.” in “States” read as “CA”",
        ),
        (
            EventKind.ALERTS_RUN,
            {"days": ["2026-11-19", "2026-11-02", "a day"], "named": 3},
            "fetched the alerts of Nov 19, Nov 2, a day: 3 producers to sync",
        ),
        (
            EventKind.SETTINGS_CHANGED,
            {
                "of": "the license reminders",
                "changed": {
                    "days": {"before": [30, 7], "after": []},
                    "by_email": {"before": False, "after": True},
                    "roles": {"before": ["admin"], "after": ["viewer", "later"]},
                    "color": {"before": "red", "after": "blue"},
                    "odd": None,
                },
            },
            "changed the settings of the license reminders: days before: none (was 30, 7); the daily mail:"
            " on; the mail goes to: Viewer, later (was Agency Admin); color: blue (was red)",
        ),
    ],
)
def test_events_read_like_sentences(kind: EventKind, data: dict[str, Any], sentence: str) -> None:
    assert tell(Event(kind=kind)).text(data) == sentence


@pytest.mark.parametrize(
    ("subject", "data", "with_operation", "name"),
    [
        ("producer:7", {}, False, "producer-by-id"),
        ("agency:7", {}, True, "agency-detail"),
        ("email:7", {}, False, "mail-detail"),
        ("operation:x", {"kind": "agent"}, True, "import-detail"),
        ("", {}, True, "import-detail"),
        ("operation:x", {"kind": "something-else"}, True, None),
        ("user:7", {}, False, None),
        ("producer:", {}, False, None),
        ("", {}, False, None),
    ],
)
def test_an_event_leads_to_what_it_was_about(
    subject: str, data: dict[str, Any], with_operation: bool, name: str | None
) -> None:
    operation_id = uuid4() if with_operation else None
    link = link_of(Event(subject=subject, data=data, operation_id=operation_id))
    assert (resolve(link).url_name if link else None) == name


def test_the_event_log_shows_newest_first_and_pages_without_gaps_or_repeats(client: Client) -> None:
    member = come_in(client)
    for number in range(120):
        record(
            EventKind.OPERATION_UPLOADED,
            organization_id=member.organization_id,
            by_id=member.user_id,
            data={"file": f"{number}.csv"},
        )
    wanted = list(
        Event.objects.filter(organization=member.organization).order_by("-id").values_list("id", flat=True)
    )
    seen: list[int] = []
    url: str | None = ""
    while url is not None:
        context = client.get(reverse("activity") + url).context
        seen += [line.event.id for line in context["lines"]]
        url = context["next_url"]
    assert seen == wanted


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "", "1.5"])
def test_a_damaged_address_of_the_event_log_is_no_fault(client: Client, before: str) -> None:
    come_in(client)
    assert client.get(reverse("activity"), {"before": before}).status_code == 200


def test_the_event_log_of_another_organization_is_not_shown(client: Client) -> None:
    record(
        EventKind.OPERATION_UPLOADED,
        organization_id=make_organization().pk,
        by_id=None,
        data={"file": "theirs.csv"},
    )
    come_in(client)
    assert "theirs.csv" not in client.get(reverse("activity")).content.decode()


def test_what_a_file_is_called_cannot_become_markup(client: Client) -> None:
    member = come_in(client)
    name = "<img src=x onerror=alert(1)>.csv"
    record(
        EventKind.OPERATION_UPLOADED, organization_id=member.organization_id, by_id=None, data={"file": name}
    )
    assert name not in client.get(reverse("activity")).content.decode()


# --- errors ----------------------------------------------------------------------------------------


def break_down(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the secret reason")


def post_here(request: HttpRequest) -> HttpResponse:
    return HttpResponse("taken")


class WithFaults:
    """The site's URLs and two more."""

    def __init__(self) -> None:
        from muster.config import urls

        self.urlpatterns = [
            path("break/", break_down),
            path("post/", post_here),
            *urls.urlpatterns,
        ]


def test_a_page_that_is_not_there_says_what_to_do(client: Client) -> None:
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "There is no such page here" in answer.content.decode()
    member = come_in(client)
    assert f"does not belong to {member.organization}" in client.get("/no-such-page/").content.decode()


def test_a_fault_shows_a_page_without_reasons_and_needs_no_database(
    settings: Any, django_assert_num_queries: Any
) -> None:
    settings.ROOT_URLCONF = WithFaults()
    with django_assert_num_queries(0):
        answer = Client(raise_request_exception=False).get("/break/")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()
    assert "secret reason" not in answer.content.decode()


def test_a_form_without_its_token_says_what_to_do(settings: Any) -> None:
    settings.ROOT_URLCONF = WithFaults()
    answer = Client(enforce_csrf_checks=True).post("/post/")
    assert answer.status_code == 403
    assert "reload the page" in answer.content.decode()


def test_a_strange_host_name_is_answered_with_an_instruction(client: Client) -> None:
    answer = client.get("/accounts/login/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "MUSTER_ALLOWED_HOSTS" in answer.content.decode()


def test_a_body_larger_than_any_upload_is_refused_unread_and_without_the_database(
    client: Client, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.MUSTER_UPLOAD_LIMITS = {**settings.MUSTER_UPLOAD_LIMITS, "csv_bytes": 2048, "xlsx_bytes": 1024}
    with django_assert_num_queries(0):
        answer = client.post("/imports/new/", {"file": "x" * 100_000})
    assert answer.status_code == 413
    assert "The limit is 2.0\xa0KB" in answer.content.decode()


def test_monitors_are_answered_without_a_log_in(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db(transaction=True)
def test_monitors_learn_that_the_database_does_not_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", str(tmp_path))
    assert client.get("/healthz").status_code == 503


def test_the_search_box_asks_the_list_of_producers(client: Client) -> None:
    member = come_in(client)
    make_producer(member.organization, last_name="Birch")
    page = client.get(
        client.get(reverse("home")).context["shell"].search_url, {"q": "birch"}
    ).content.decode()
    assert "Birch" in page
    assert 'name="q" class="form-control"' in page
    assert 'value="birch"' in page


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("America/New_York", r"New York \(E[SD]T\)"),
        ("America/Indiana/Knox", r"Knox \(C[SD]T\)"),
        ("Asia/Tokyo", r"Tokyo \(JST\)"),
        ("UTC", "UTC"),
    ],
)
def test_every_page_says_whose_times_it_shows(
    zone: str, expected: str, client: Client, settings: Any
) -> None:
    settings.TIME_ZONE = zone
    come_in(client)
    assert re.search(f"Times are those of {expected}<", client.get(reverse("home")).content.decode())


def test_one_can_type_the_email_at_once_to_log_in(client: Client) -> None:
    said = client.get(reverse("account_login")).content.decode()
    assert [
        re.search(r'name="(\w+)"', tag)[1] for tag in re.findall(r"<input[^>]* autofocus[^>]*>", said)
    ] == ["login"]


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the site writes into its log."""
    [handler] = [one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler]
    log = StringIO()
    before = handler.setStream(log)
    yield log
    handler.setStream(before)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/people/", "WARNING django.request Forbidden (Permission denied): /people/"),
        ("/nowhere/", "WARNING django.request Not Found: /nowhere/"),
        ("/?q=%00", "ERROR django.security.SuspiciousOperation NUL in a request"),
    ],
)
def test_a_refusal_is_one_line_of_the_log(client: Client, log: StringIO, path: str, line: str) -> None:
    come_in(client, Role.VIEWER)
    client.get(path)
    assert line in log.getvalue()
    assert "Traceback" not in log.getvalue()


def test_a_fault_keeps_its_traceback_in_the_log(
    client: Client, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("muster.console.home.views.sync_counts")
    come_in(client)
    client.raise_request_exception = False
    assert client.get("/").status_code == 500
    assert "Traceback" in log.getvalue()
    assert "NameError" in log.getvalue()
