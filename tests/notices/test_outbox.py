"""Mails enter the outbox with the work that they tell of, once, and cannot be made to say more."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from muster.core.delivery import one_line
from muster.notices.models import Email, EmailState, Priority
from muster.notices.moves import sweep
from muster.notices.operations import queue_email, queue_message
from muster.notices.queue import DELIVER, MANY
from muster.notices.smtp import message_of
from tests.make import make_member, make_organization

MAIL: dict[str, Any] = {
    "organization_id": None,
    "kind": "test",
    "to": "robin@harbor.example",
    "subject": "Hello",
    "text": "Hello Robin",
}


def jobs() -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, queue_name, status::text FROM procrastinate_jobs ORDER BY id")
        return cursor.fetchall()


@pytest.mark.django_db
def test_a_queued_mail_brings_its_job() -> None:
    queue_email(**MAIL)
    mail = Email.objects.get()
    assert (mail.state, mail.to, mail.subject, mail.text) == (
        EmailState.WAITING,
        "robin@harbor.example",
        "Hello",
        "Hello Robin",
    )
    assert jobs() == [(DELIVER, "interactive", "todo")]


@pytest.mark.django_db(transaction=True)
def test_mail_and_job_are_part_of_the_callers_transaction() -> None:
    with transaction.atomic():
        queue_email(**MAIL)
        transaction.set_rollback(True)
    assert not Email.objects.exists()
    assert jobs() == []
    with transaction.atomic():
        queue_email(**MAIL)
    assert Email.objects.count() == 1
    assert jobs() == [(DELIVER, "interactive", "todo")]


@pytest.mark.django_db
def test_an_operation_tells_a_person_once() -> None:
    operation = uuid4()
    for _ in range(3):
        queue_email(**MAIL, operation_id=operation)
    assert Email.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("over", [{"to": "ann@harbor.example"}, {"kind": "other"}, {"occasion": "again"}])
def test_an_operation_may_tell_others_and_other_things(over: dict[str, str]) -> None:
    operation = uuid4()
    queue_email(**MAIL, operation_id=operation)
    queue_email(**{**MAIL, **over}, operation_id=operation)
    assert Email.objects.count() == 2


@pytest.mark.django_db
def test_mails_without_an_operation_are_never_dropped() -> None:
    queue_email(**MAIL)
    queue_email(**MAIL)
    assert Email.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "",
        "robin",
        "robin@",
        "robin@harbor.example, eve@evil.example",
        "robin@harbor.example\nBcc: eve@evil.example",
        "robin@harbor.example\r\n",
        "Robin <robin@harbor.example>",
        f"robin@{'harbor.' * 40}example",
        "r\0bin@harbor.example",
    ],
)
def test_what_is_not_one_address_fails_by_itself_and_not_with_the_work(address: str) -> None:
    queue_email(**{**MAIL, "to": address})
    mail = Email.objects.get()
    assert mail.state == EmailState.FAILED
    assert "not an email address" in mail.last_error
    assert jobs() == []


@pytest.mark.django_db
def test_characters_that_a_database_cannot_hold_are_left_out() -> None:
    queue_email(**{**MAIL, "subject": "a\0b", "text": "a\0b", "html": "<p>a\0b</p>"})
    mail = Email.objects.get()
    assert (mail.subject, mail.text, mail.html) == ("a b", "ab", "<p>ab</p>")


@given(
    subject=st.one_of(
        st.text(max_size=300),
        st.text(alphabet="\r\n\0\x85\u2028: aBc@=?é", max_size=60).map(
            "Hi\r\nBcc: eve@evil.example\r\n\r\n{}".format
        ),
    ),
    text=st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"])),
)
def test_no_subject_adds_a_header_or_a_recipient(subject: str, text: str) -> None:
    mail = Email(
        to="robin@harbor.example",
        subject=one_line(subject),
        from_name=subject,
        text=text,
        html="<p>x</p>",
        message_id="<1@harbor.example>",
        created_at=timezone.now(),
    )
    message = message_of(mail)
    wire = message_from_bytes(message.message().as_bytes(linesep="\r\n"), policy=policy.default)
    assert message.recipients() == ["robin@harbor.example"]
    assert sorted(wire.keys()) == sorted(
        ["Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"]
    )
    assert wire["To"] == "robin@harbor.example"
    assert [one.addr_spec for one in wire["From"].addresses] == ["muster@localhost"]
    assert message.from_email == "Muster <muster@localhost>", "the envelope holds no name of others"
    assert wire["Message-ID"] == "<1@harbor.example>"


@pytest.mark.django_db
def test_the_message_id_is_of_the_senders_domain(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Muster <muster@mail.harbor.example>"
    queue_email(**MAIL)
    assert Email.objects.get().message_id.endswith("@mail.harbor.example>")


@pytest.mark.django_db
def test_a_message_for_two_is_refused() -> None:
    message = EmailMultiAlternatives("Hello", "Hello", to=["ann@harbor.example"], bcc=["eve@evil.example"])
    with pytest.raises(ValueError, match="one recipient"):
        queue_message(message, kind="account")
    assert not Email.objects.exists()


@pytest.mark.django_db
def test_a_password_reset_waits_sealed_in_the_outbox_of_the_persons_organization(client: Client) -> None:
    member = make_member(make_organization())
    client.post(reverse("account_reset_password"), {"email": member.user.email})
    mail = Email.objects.get()
    assert mail.secret
    assert mail.organization_id == member.organization_id
    assert "/accounts/password/reset/key/" not in mail.text
    assert "/accounts/password/reset/key/" in message_of(mail).body
    assert parseaddr(mail.to)[1] == member.user.email
    assert jobs() == [(DELIVER, "interactive", "todo")]


@pytest.mark.django_db
def test_the_database_refuses_a_secret_that_has_ended_and_is_still_there() -> None:
    queue_message(EmailMultiAlternatives("Hello", "the link", to=["ann@harbor.example"]), kind="account")
    with pytest.raises(Exception, match="email_secret_is_wiped"), transaction.atomic():
        Email.objects.update(state=EmailState.SENT)


@pytest.mark.django_db
def test_the_sweeper_defers_one_delivery_however_often_it_runs() -> None:
    Email.objects.create(**MAIL, message_id="<1@x>")
    sweep()
    sweep()
    assert jobs() == [(DELIVER, "interactive", "todo")]


@pytest.mark.django_db
def test_mails_to_many_are_one_job_at_a_time_and_single_ones_another() -> None:
    Email.objects.create(**MAIL, message_id="<1@x>")
    for number, priority in enumerate((Priority.MANY, Priority.MAILING)):
        Email.objects.create(**MAIL, message_id=f"<of {number}@x>", priority=priority)
    sweep()
    sweep()
    with connection.cursor() as cursor:
        cursor.execute("SELECT args ->> 'many', lock FROM procrastinate_jobs ORDER BY id")
        assert cursor.fetchall() == [("false", None), ("true", MANY)]


@pytest.mark.django_db
def test_the_sweeper_defers_nothing_when_nothing_is_due() -> None:
    Email.objects.create(**MAIL, message_id="<1@x>", state=EmailState.SENT)
    Email.objects.create(**MAIL, message_id="<2@x>", next_at=timezone.now() + timezone.timedelta(hours=1))
    sweep()
    assert jobs() == []
