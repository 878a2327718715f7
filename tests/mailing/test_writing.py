"""Writing a mailing on its page: what stands in the form counts, and what was not seen is not sent."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from muster.access.models import Membership
from muster.bulk.models import Operation, OperationState
from muster.mailing.models import MailTemplate
from muster.notices.models import Email, Priority
from tests.mailing.mailings import choose
from tests.make import make_member, make_producer

pytestmark = pytest.mark.django_db

CHANGED = "The text was changed; look at the preview again, then send."
A = {"subject": "First for {{ first_name }}", "body": "One.\r\n\r\nTwo."}
B = {"subject": "Second for {{ first_name }}", "body": "Three."}


@pytest.fixture
def member() -> Membership:
    return make_member(name="Ines Duarte", email="ines@harbor.example")


@pytest.fixture
def operation(member: Membership, client: Client) -> Operation:
    """One whose preview was seen with the text A."""
    client.force_login(member.user)
    chosen = choose(member, make_producer(member.organization, email="ada@harbor.example"))
    press(client, chosen, "do", **A, see="0")
    return chosen


def press(client: Client, operation: Operation, where: str, **told: str) -> Any:
    """Press a button of the form; return the page that comes of it."""
    page = client.post(f"/operations/{operation.pk}/{where}/", told, follow=True)
    assert page.status_code == 200
    return page


def test_a_text_that_was_changed_is_shown_before_it_is_sent(client: Client, operation: Operation) -> None:
    for where, button in (("do", {"send": "yes"}), ("send-test", {"person": "1"})):
        page = press(client, operation, where, **B, **button)
        assert CHANGED in page.content.decode()
        assert page.context["mailing"]["shown"].subject == "Second for Ada"
        assert not Email.objects.exists()
        press(client, operation, "do", **A, see="1")
    # A button that brings no text, such as that of an old page, sends nothing.
    press(client, operation, "do", send="yes")
    assert not Email.objects.exists()
    press(client, operation, "do", **B, send="yes")
    press(client, operation, "do", **B, send="yes")
    assert list(Email.objects.values_list("subject", "text")) == [("Second for Ada", "Three.")]
    operation.refresh_from_db()
    assert operation.state == OperationState.DONE


def test_every_button_belongs_to_the_form_so_that_it_carries_the_text(
    client: Client, operation: Operation
) -> None:
    page = client.get(f"/operations/{operation.pk}/").content.decode()
    form = re.search(r'<form id="mail".*?</form>', page, re.DOTALL)
    assert form
    assert 'name="keep"' in form[0]
    for words in ("Send a test to me", "Send to 1 producer"):
        [button] = re.findall(rf"<button([^>]*)>(?:(?!</button>).)*{words}", page)
        assert 'form="mail"' in button, words


def test_what_is_kept_as_a_template_is_the_text_of_the_form_and_one_comes_back_to_the_mailing(
    client: Client, operation: Operation
) -> None:
    page = press(client, operation, "do", **B, keep="yes")
    assert page.context["told"]["body"] == "Three."
    kept = client.post(page.redirect_chain[-1][0], {**B, "name": "Hello"}, follow=True)
    assert MailTemplate.objects.get().subject == B["subject"]
    assert "The template Hello is kept." in kept.content.decode()
    assert kept.redirect_chain[-1][0] == f"/operations/{operation.pk}/"
    assert kept.context["mailing"]["body"] == "Three."


def test_a_test_looks_as_its_readers_get_it_and_its_link_opts_nobody_out(
    client: Client, member: Membership, operation: Operation
) -> None:
    press(client, operation, "send-test", **A, person="1")
    mail = Email.objects.get()
    assert (mail.to, mail.from_name) == ("ines@harbor.example", member.organization.name)
    assert f"You get this mail as a producer of {member.organization.name}." in mail.text
    link = re.search(r"https?://[^/]+(/mail/opt-out/\S+)", mail.text)
    assert link
    assert link[0] in mail.html
    for answer in (client.get(link[1]), client.post(link[1], {"List-Unsubscribe": "One-Click"})):
        assert "This was a test" in answer.content.decode()
    press(client, operation, "do", **A, send="yes")
    assert Email.objects.get(priority=Priority.MAILING).to == "ada@harbor.example"


def test_what_was_queued_is_not_called_sent_and_the_page_follows_each_mail(
    client: Client, operation: Operation
) -> None:
    page = press(client, operation, "do", **A, send="yes").content.decode()
    assert "Queued" in page
    assert "Mailed" not in page
    assert "Waiting" in page.partition('id="items"')[2]
    for part in ("delivery", "items"):
        assert re.search(rf'id="{part}"[^>]*hx-trigger="every', page), part
    Email.objects.update(state="failed", last_error="The mail server answered 550: No such user")
    page = client.get(f"/operations/{operation.pk}/").content.decode()
    assert "Failed" in page.partition('id="items"')[2]
    for part in ("delivery", "items"):
        assert not re.search(rf'id="{part}"[^>]*hx-trigger="every', page), part
