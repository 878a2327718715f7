"""Mails reach a real mail server once, whatever it answers."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from aiosmtpd.smtp import AuthResult
from django.core.mail import EmailMultiAlternatives
from django.db import connection, connections
from django.db.models.functions import Now

from muster.notices.delivery import deliver
from muster.notices.models import Email, EmailState, Pace
from muster.notices.moves import LOST_AFTER, claim, record_refusal, sweep
from muster.notices.operations import queue_email, queue_message, queue_messages
from tests.make import make_organization
from tests.notices.mail_server import MailServer

pytestmark = pytest.mark.django_db


def queue(number: int = 1, **over: Any) -> list[Email]:
    for _ in range(number):
        at = Email.objects.count()
        queue_email(
            **{
                "organization_id": None,
                "kind": "test",
                "to": f"person{at}@harbor.example",
                "subject": f"Mail {at}",
                "text": f"This is mail {at}.",
                **over,
            }
        )
    return list(Email.objects.order_by("-id")[:number][::-1])


def make_due() -> None:
    Email.objects.filter(state=EmailState.WAITING).update(next_at=Now())
    Pace.objects.update(paused_until=None)


def age(by: timedelta) -> None:
    Email.objects.update(queued_at=Now() - by)


def states() -> list[str]:
    return list(Email.objects.order_by("id").values_list("state", flat=True))


def database_url() -> str:
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return psycopg.conninfo.make_conninfo(**{name: parameters.get(name) for name in names})


def test_a_mail_is_delivered_once(mail_server: MailServer) -> None:
    [mail] = queue(html="<p>This is mail 0.</p>")
    assert deliver() == 1
    assert deliver() == 0
    [taken] = mail_server.taken
    assert mail_server.recipients == [["person0@harbor.example"]]
    assert taken["Subject"] == "Mail 0"
    assert taken["To"] == "person0@harbor.example"
    assert taken["Message-ID"] == mail.message_id
    assert taken["Auto-Submitted"] == "auto-generated"
    assert taken["Date"].datetime == mail.created_at.replace(microsecond=0)
    assert taken.get_body(["plain"]).get_content().strip() == "This is mail 0."
    assert taken.get_body(["html"]).get_content().strip() == "<p>This is mail 0.</p>"
    mail.refresh_from_db()
    assert mail.state == EmailState.SENT
    assert mail.sent_at is not None
    assert (mail.attempts, mail.last_error) == (1, "")


def test_many_mails_go_over_one_connection(mail_server: MailServer) -> None:
    queue(300)
    assert deliver() == 300
    assert sorted(mail_server.addressees) == sorted(f"person{n}@harbor.example" for n in range(300))
    assert set(states()) == {EmailState.SENT}
    assert mail_server.connections == 1


def test_a_single_mail_passes_those_to_many_and_its_job_leaves_them_to_another(
    mail_server: MailServer,
) -> None:
    many = [
        (f"occasion {n}", EmailMultiAlternatives("Many", "Hello", to=[f"many{n}@harbor.example"]))
        for n in range(20)
    ]
    queue_messages(many, kind="test", organization_id=make_organization().pk, operation_id=None)
    Email.objects.update(next_at=Now() - timedelta(hours=1))
    queue()
    assert [email.subject for email in claim(most=2)] == ["Mail 20", "Many"]
    Email.objects.update(state=EmailState.WAITING)
    assert deliver(many=False) == 1
    assert mail_server.addressees == ["person20@harbor.example"]
    assert deliver() == 20


def test_a_mail_refused_for_now_is_delivered_later(mail_server: MailServer) -> None:
    mail_server.on_recipient = lambda _: "450 Mailbox busy, try later"
    [mail] = queue()
    assert deliver() == 0
    mail.refresh_from_db()
    assert mail.state == EmailState.WAITING
    assert mail.last_error == "The mail server answered 450: Mailbox busy, try later"
    assert timedelta(seconds=30) <= mail.next_at - mail.claimed_at <= timedelta(seconds=65)
    assert deliver() == 0, "it is not due yet"
    mail_server.on_recipient = lambda _: None
    make_due()
    assert deliver() == 1
    assert mail_server.addressees == ["person0@harbor.example"]
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.last_error) == (EmailState.SENT, 2, "")


def test_one_address_that_is_refused_for_good_does_not_hold_up_the_others(mail_server: MailServer) -> None:
    mail_server.on_recipient = lambda address: (
        "550 No such user here" if address.startswith("person2@") else None
    )
    queue(5)
    assert deliver() == 5
    assert states() == ["sent", "sent", "failed", "sent", "sent"]
    assert Email.objects.get(state="failed").last_error == "The mail server answered 550: No such user here"
    make_due()
    assert deliver() == 0
    assert len(mail_server.taken) == 4
    assert mail_server.connections == 1


def test_a_mail_refused_after_it_was_read_fails_with_the_servers_words(mail_server: MailServer) -> None:
    mail_server.on_mail = lambda _: "554 5.7.1 Looks like spam"
    [mail] = queue()
    assert deliver() == 1
    mail.refresh_from_db()
    assert (mail.state, mail.last_error) == ("failed", "The mail server answered 554: 5.7.1 Looks like spam")


def test_a_mail_is_given_up_after_three_days(mail_server: MailServer) -> None:
    mail_server.on_recipient = lambda _: "451 Greylisted"
    [mail] = queue()
    age(timedelta(days=2, hours=23))
    assert deliver() == 0
    make_due()
    age(timedelta(days=3))
    assert deliver() == 1
    mail.refresh_from_db()
    assert (mail.state, mail.last_error) == ("failed", "The mail server answered 451: Greylisted")


def test_a_server_that_is_down_is_asked_once_and_all_mails_wait(settings: Any) -> None:
    server = MailServer()
    server.start()
    server.stop()  # the port is free again, and nobody listens
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    queue(3)
    assert deliver() == 0
    assert states() == ["waiting"] * 3
    tried = Email.objects.get(attempts=1)
    assert (
        tried.last_error
        == f"The mail server 127.0.0.1:{server.port} could not be reached: Connection refused."
    )
    assert Email.objects.filter(attempts=0, last_error="").count() == 2
    assert deliver() == 0
    assert Email.objects.filter(attempts=0).count() == 2, "nobody tries again within the minute"


def test_a_server_that_stalls_is_given_up_in_time_and_the_mail_tried_again(
    mail_server: MailServer, settings: Any
) -> None:
    settings.EMAIL_TIMEOUT = 0.3

    async def stall(_: Any) -> None:
        await asyncio.sleep(3_600)

    mail_server.on_recipient = stall
    queue(3)
    assert deliver() == 0
    assert states() == ["waiting"] * 3
    tried = Email.objects.get(attempts=1)
    assert tried.last_error == (
        f"The mail server 127.0.0.1:{mail_server.port} did not answer within 0.3 seconds."
    )
    assert mail_server.connections == 1
    mail_server.on_recipient = lambda _: None
    make_due()
    assert deliver() == 3
    assert len(mail_server.taken) == 3


def test_a_server_that_ends_a_connection_after_some_mails_gets_a_new_one(mail_server: MailServer) -> None:
    def too_many(_: Any) -> str | None:
        full = len(mail_server.taken) >= 10 * mail_server.connections
        return "421 Too many mails in one connection" if full else None

    mail_server.on_recipient = too_many
    queue(25)
    assert deliver() == 23
    assert mail_server.connections == 3
    make_due()
    assert deliver() == 2
    assert sorted(mail_server.addressees) == sorted(f"person{n}@harbor.example" for n in range(25))


def test_a_wrong_password_fails_no_mail(settings: Any) -> None:
    server = MailServer(
        authenticator=lambda *_: AuthResult(success=False, handled=False),
        auth_require_tls=False,
    )
    server.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "muster", "wrong"
    queue(2)
    try:
        assert deliver() == 0
    finally:
        server.stop()
    assert states() == ["waiting", "waiting"]
    assert "535" in Email.objects.get(attempts=1).last_error
    assert "wrong" not in Email.objects.get(attempts=1).last_error


def test_a_server_without_the_tls_that_is_asked_for_gets_nothing(
    mail_server: MailServer, settings: Any
) -> None:
    settings.EMAIL_USE_TLS = True
    queue()
    assert deliver() == 0
    assert "STARTTLS" in Email.objects.get().last_error
    assert mail_server.taken == []


def test_something_that_is_no_mail_server_fails_no_mail(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.EMAIL_HOST, settings.EMAIL_PORT = listener.getsockname()

        def answer_in_http() -> None:
            caller, _ = listener.accept()
            with caller:
                caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer_in_http)
        thread.start()
        queue()
        assert deliver() == 0
        thread.join()
    assert states() == ["waiting"]
    assert "gave an answer that is not SMTP" in Email.objects.get().last_error


def test_a_mail_that_cannot_be_put_together_does_not_hold_up_the_others(
    mail_server: MailServer, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    queue(3)
    # Past all that is cleaned when a mail is queued.
    Email.objects.filter(to="person0@harbor.example").update(subject="two\nlines")
    with caplog.at_level(logging.CRITICAL):
        assert deliver() == 2
    assert states() == ["waiting", "sent", "sent"]
    assert "cannot be put together" in Email.objects.get(state="waiting").last_error


def test_a_worker_that_is_told_to_stop_leaves_the_rest_waiting(mail_server: MailServer) -> None:
    queue(5)
    deliver(stopped=lambda: len(mail_server.taken) >= 2)
    assert states() == ["sent", "sent", "waiting", "waiting", "waiting"]


def test_without_a_server_mails_are_kept_to_be_shown(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    queue(2)
    assert deliver() == 2
    assert states() == ["kept", "kept"]
    assert Email.objects.filter(sent_at=None, text__startswith="This is mail").count() == 2


@pytest.mark.parametrize(
    ("host", "answer", "state"),
    [("", None, "kept"), ("127.0.0.1", None, "sent"), ("127.0.0.1", "550 No", "failed")],
)
def test_a_secret_is_wiped_when_its_mail_has_ended(
    mail_server: MailServer, settings: Any, host: str, answer: str | None, state: str
) -> None:
    settings.EMAIL_HOST = host
    mail_server.on_mail = lambda _: answer
    message = EmailMultiAlternatives("Password", "Click https://x/secret", to=["ann@harbor.example"])
    message.attach_alternative("<a href='https://x/secret'>here</a>", "text/html")
    queue_message(message, kind="account-email-password_reset_key")
    deliver()
    mail = Email.objects.get()
    assert (mail.state, mail.text, mail.html) == (state, "", "")
    for taken in mail_server.taken:
        assert "https://x/secret" in taken.get_body(["plain"]).get_content()
        assert "https://x/secret" in taken.get_body(["html"]).get_content()


def test_a_secret_that_is_tried_again_is_kept_until_then(mail_server: MailServer) -> None:
    mail_server.on_mail = lambda _: "451 Later"
    message = EmailMultiAlternatives("Password", "Click https://x/secret", to=["ann@harbor.example"])
    queue_message(message, kind="account")
    deliver()
    mail_server.on_mail = lambda _: None
    make_due()
    deliver()
    [taken] = mail_server.taken
    assert "https://x/secret" in taken.get_content()


def test_accents_and_long_lines_arrive_as_they_were(mail_server: MailServer) -> None:
    text = "Größe 東京 🎉\n.\n..dots\n" + "x" * 3_000 + "\nFrom here\n"
    queue(subject="Größe: 東京 " + "sehr " * 30, text=text)
    assert deliver() == 1
    [taken] = mail_server.taken
    assert taken["Subject"].split() == ["Größe:", "東京", *["sehr"] * 30]
    assert taken.get_content().replace("\r\n", "\n") == text
    assert max(map(len, mail_server.sources[0].splitlines())) <= 998


def test_a_subject_and_an_address_cannot_smuggle_in_another_recipient(mail_server: MailServer) -> None:
    queue(subject="Hi\r\nBcc: eve@evil.example\r\n\r\nbody")
    queue(to="ann@harbor.example\r\nRCPT TO:<eve@evil.example>")
    deliver()
    assert mail_server.addressees == ["person0@harbor.example"]
    [taken] = mail_server.taken
    assert taken["Bcc"] is None
    assert taken["Subject"] == "Hi Bcc: eve@evil.example body"


def test_a_lost_mail_is_put_back_and_others_are_left_alone(mail_server: MailServer) -> None:
    queue(2)
    [lost], [_] = claim(most=1), claim(most=1)
    Email.objects.filter(pk=lost.pk).update(claimed_at=Now() - LOST_AFTER - timedelta(seconds=1))
    sweep()
    sweep()
    assert states() == ["waiting", "sending"]
    assert deliver() == 1
    assert mail_server.addressees == ["person0@harbor.example"]


def test_an_answer_that_comes_after_the_mail_was_given_to_another_worker_changes_nothing() -> None:
    queue()
    [late] = claim(most=1)
    Email.objects.update(state=EmailState.WAITING, next_at=Now())
    [current] = claim(most=1)
    record_refusal(late, words="too late", wait=None)
    assert states() == ["sending"]
    record_refusal(current, words="in time", wait=None)
    assert Email.objects.get().last_error == "in time"


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_server_is_spoken_to(mail_server: MailServer) -> None:
    url, seen = database_url(), []

    def look(_: Any) -> None:
        with psycopg.connect(url) as other:
            seen.append(other.execute("SELECT state FROM notices_email").fetchone())
            seen.append(
                other.execute(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
                ).fetchone()
            )

    mail_server.on_mail = look
    queue()
    assert deliver() == 1
    assert seen == [("sending",), (0,)]


@pytest.mark.django_db(transaction=True)
def test_workers_that_deliver_at_the_same_time_share_the_mails(mail_server: MailServer) -> None:
    queue(60)

    def work() -> None:
        deliver()
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(mail_server.addressees) == sorted(f"person{n}@harbor.example" for n in range(60))
    assert set(states()) == {EmailState.SENT}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_mail_ends_once_whatever_the_server_answers(mail_server: MailServer, seed: int) -> None:
    chance = random.Random(seed)
    answers = [None, None, "450 Busy", "451 Later", "421 Closing", "452 Full", "550 No"]
    refused: list[str] = []

    def answer(address: str) -> str | None:
        chosen = chance.choice(answers)
        if chosen == "550 No":
            refused.append(address)
        return chosen

    mail_server.on_recipient = answer
    queue(80)
    while Email.objects.filter(state=EmailState.WAITING).exists():
        make_due()
        deliver()
    sent = mail_server.addressees
    assert len(sent) == len(set(sent))
    assert sorted([*sent, *refused]) == sorted(f"person{n}@harbor.example" for n in range(80))
    assert set(Email.objects.filter(state="sent").values_list("to", flat=True)) == set(sent)
    assert set(Email.objects.filter(state="failed").values_list("to", flat=True)) == set(refused)
