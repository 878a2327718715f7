"""The mail page: who may look, what is shown of whose mails, and sending again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.notices.models import Email, EmailState
from tests.make import make_member, make_organization

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db

ALL = set(EmailState.values)

SECRET = "https://muster.example/accounts/password/reset/key/abc"


@pytest.fixture
def admin() -> Membership:
    return make_member(make_organization())


@pytest.fixture
def browsing(client: Client, admin: Membership) -> Client:
    client.force_login(admin.user)
    return client


def make_email(member: Membership, **over: Any) -> Email:
    return Email.objects.create(
        **{
            "organization": member.organization,
            "kind": "test",
            "to": "ann@harbor.example",
            "subject": "Agent import: 5 created",
            "text": "Agent import is done.",
            "html": "<p>Agent import is <b>done</b>.</p>",
            "message_id": f"<{uuid4().hex}@harbor.example>",
            "state": EmailState.SENT,
            **over,
        }
    )


def make_secret(member: Membership, **over: Any) -> Email:
    sealed = {"subject": "Password reset", "secret": True, "text": f"sealed {SECRET}", "html": SECRET}
    return make_email(member, **{**sealed, "state": EmailState.WAITING, **over})


def page_text(browsing: Client, name: str, *args: Any, **query: Any) -> str:
    response = browsing.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


PAGES = [("mail-list", False), ("mail-detail", True), ("mail-body", True)]


@pytest.mark.parametrize(("name", "of_one"), PAGES)
@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.SUBMITTER, Role.VIEWER, Role.PRODUCER])
def test_only_admins_may_look(client: Client, admin: Membership, role: Role, name: str, of_one: bool) -> None:
    email = make_email(admin)
    client.force_login(make_member(admin.organization, role).user)
    assert client.get(reverse(name, args=[email.pk] if of_one else [])).status_code == 403


@pytest.mark.parametrize("name", ["mail-detail", "mail-body", "mail-send-again"])
def test_a_mail_of_another_organization_is_not_there(browsing: Client, name: str) -> None:
    email = make_email(make_member(make_organization()), state=EmailState.FAILED)
    ask = browsing.post if name == "mail-send-again" else browsing.get
    assert ask(reverse(name, args=[email.pk])).status_code == 404
    email.refresh_from_db()
    assert email.state == EmailState.FAILED


def test_the_list_shows_the_organizations_mails_only(browsing: Client, admin: Membership) -> None:
    make_email(admin, subject="Ours")
    make_email(make_member(make_organization()), subject="Theirs")
    make_email(admin, subject="Nobodys", organization=None)
    text = page_text(browsing, "mail-list")
    assert "Ours" in text
    assert "Theirs" not in text
    assert "Nobodys" not in text


def test_what_a_mail_says_is_escaped(browsing: Client, admin: Membership) -> None:
    email = make_email(
        admin, subject="<script>x</script>", text="<script>y</script>", html="", last_error="<script>z"
    )
    for text in (page_text(browsing, "mail-list"), page_text(browsing, "mail-detail", email.pk)):
        assert "<script>x" not in text
        assert "<script>y" not in text
        assert "<script>z" not in text
        assert "&lt;script&gt;x" in text


def test_pages_follow_one_another_and_keep_the_filter(browsing: Client, admin: Membership) -> None:
    for number in range(120):
        make_email(admin, subject=f"Subject-{number:03}", state="failed" if number % 2 else "sent")
    seen: list[str] = []
    url = "?state=failed"
    while url:
        response = browsing.get(reverse("mail-list") + url)
        seen += [email.subject for email in response.context["emails"]]
        url = response.context["next_url"]
    assert seen == [f"Subject-{number:03}" for number in range(119, 0, -2)]


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ("", ALL),
        ("waiting", {"waiting", "sending"}),
        ("failed", {"failed"}),
        ("sent", {"sent"}),
        ("kept", {"kept"}),
        ("in-doubt", {"in_doubt"}),
        ("withheld", {"withheld"}),
        ("nonsense", ALL),
    ],
)
def test_the_list_is_filtered_by_state(
    browsing: Client, admin: Membership, chosen: str, shown: set[str]
) -> None:
    for state in EmailState:
        make_email(admin, state=state)
    response = browsing.get(reverse("mail-list"), {"state": chosen})
    assert {email.state for email in response.context["emails"]} == shown


@pytest.mark.parametrize("before", ["", "x", "-1", "1e5", "²", "9" * 30])
def test_a_strange_page_key_is_no_error(browsing: Client, admin: Membership, before: str) -> None:
    make_email(admin)
    assert browsing.get(reverse("mail-list"), {"before": before}).status_code == 200


def test_the_list_asks_the_database_as_often_for_many_as_for_one(browsing: Client, admin: Membership) -> None:
    def questions() -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            page_text(browsing, "mail-list")
        return [query["sql"] for query in asked.captured_queries]

    make_email(admin)
    one = questions()
    for _ in range(60):
        make_email(admin)
    many = questions()
    assert len(one) == len(many)
    assert not any('"text"' in sql or '"html"' in sql for sql in many)


def test_an_empty_list_says_when_it_fills(browsing: Client) -> None:
    assert "No mail yet" in page_text(browsing, "mail-list")
    assert "Every mail could be delivered" in page_text(browsing, "mail-list", state="failed")


def test_where_no_server_is_set_the_page_says_so(browsing: Client, admin: Membership, settings: Any) -> None:
    email = make_email(admin, state=EmailState.KEPT)
    for host, said in (("", True), ("mail.harbor.example", False)):
        settings.EMAIL_HOST = host
        for text in (page_text(browsing, "mail-list"), page_text(browsing, "mail-detail", email.pk)):
            assert ("No mail server is set: mails are only shown here" in text) is said
            assert ("MUSTER_SMTP_HOST" in text) is said


def test_a_mail_shows_both_versions_and_how_its_delivery_went(browsing: Client, admin: Membership) -> None:
    email = make_email(
        admin,
        state=EmailState.FAILED,
        attempts=7,
        last_error="The mail server answered 550: No such user here",
    )
    html = page_text(browsing, "mail-detail", email.pk)
    assert f'src="{reverse("mail-body", args=[email.pk])}"' in html
    assert "sandbox=" in html
    assert "550: No such user here" in html
    assert email.message_id.strip("<>") in html
    text = page_text(browsing, "mail-detail", email.pk, part="text")
    assert "Agent import is done." in text
    assert "<iframe" not in text


def test_the_body_runs_nothing_and_loads_nothing(browsing: Client, admin: Membership) -> None:
    response = browsing.get(reverse("mail-body", args=[make_email(admin).pk]))
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_a_mail_without_html_has_no_body_to_frame(browsing: Client, admin: Membership) -> None:
    email = make_email(admin, html="")
    assert "<iframe" not in page_text(browsing, "mail-detail", email.pk)
    assert browsing.get(reverse("mail-body", args=[email.pk])).status_code == 404


@pytest.mark.parametrize("demo", [False, True])
def test_a_secret_is_shown_to_nobody(browsing: Client, admin: Membership, settings: Any, demo: bool) -> None:
    settings.MUSTER_DEMO = demo
    email = make_secret(admin)
    for query in ({}, {"part": "text"}):
        text = page_text(browsing, "mail-detail", email.pk, **query)
        assert "Its text is shown to nobody" in text
        assert "reset/key" not in text
    assert "reset/key" not in page_text(browsing, "mail-list")
    assert browsing.get(reverse("mail-body", args=[email.pk])).status_code == 404


def test_a_mail_that_failed_is_sent_again(browsing: Client, admin: Membership) -> None:
    email = make_email(
        admin, state=EmailState.FAILED, attempts=3, last_error="The mail server answered 550: No"
    )
    response = browsing.post(reverse("mail-send-again", args=[email.pk]), follow=True)
    assert "is on its way" in response.content.decode()
    email.refresh_from_db()
    assert (email.state, email.attempts, email.last_error) == (EmailState.WAITING, 0, "")
    event = Event.objects.get(kind="email:send-again")
    assert (event.by, event.organization, event.subject) == (
        admin.user,
        admin.organization,
        f"email:{email.pk}",
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'notices.deliver_waiting'")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize("state", ["waiting", "sending", "sent"])
def test_a_mail_that_did_not_fail_is_left_alone(browsing: Client, admin: Membership, state: str) -> None:
    email = make_email(admin, state=state)
    assert "Send again" not in page_text(browsing, "mail-detail", email.pk)
    browsing.post(reverse("mail-send-again", args=[email.pk]))
    email.refresh_from_db()
    assert email.state == state
    assert not Event.objects.filter(kind="email:send-again").exists()


def test_a_secret_that_is_gone_cannot_be_sent_again(
    browsing: Client, admin: Membership, settings: Any
) -> None:
    settings.EMAIL_HOST = "mail.harbor.example"
    email = make_secret(admin, state=EmailState.FAILED, text="", html="")
    browsing.post(reverse("mail-send-again", args=[email.pk]))
    email.refresh_from_db()
    assert email.state == EmailState.FAILED


@pytest.mark.parametrize(("host", "state"), [("", "kept"), ("mail.harbor.example", "waiting")])
def test_a_kept_mail_can_be_sent_once_there_is_a_server(
    browsing: Client, admin: Membership, settings: Any, host: str, state: str
) -> None:
    settings.EMAIL_HOST = host
    email = make_email(admin, state=EmailState.KEPT)
    browsing.post(reverse("mail-send-again", args=[email.pk]))
    email.refresh_from_db()
    assert email.state == state


def test_looking_sends_nothing(browsing: Client, admin: Membership) -> None:
    email = make_email(admin, state=EmailState.FAILED)
    assert browsing.get(reverse("mail-send-again", args=[email.pk])).status_code == 405
    email.refresh_from_db()
    assert email.state == EmailState.FAILED


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_the_framed_mail_is_seen_and_its_scripts_are_not_run(
    page: Page, live_server: Any, browsing: Client, admin: Membership
) -> None:
    hostile = """
        <h1>Hello Ann</h1>
        <p id="told">quiet</p>
        <script>told.textContent = "script"</script>
        <img src="/picture.png" onload="told.textContent = 'image'" onerror="told.textContent = 'error'">
    """
    email = make_email(admin, html=hostile)
    asked: list[str] = []
    page.on("response", lambda response: asked.append(response.url))
    session = browsing.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": session.value, "url": live_server.url}])
    page.goto(live_server.url + reverse("mail-detail", args=[email.pk]))
    frame = page.frame_locator("iframe")
    assert frame.locator("h1").inner_text() == "Hello Ann"
    assert frame.locator("#told").inner_text() == "quiet"
    assert not any("picture.png" in url for url in asked)
