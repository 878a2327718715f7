"""A mailing goes to whom it can go, says what it should, and can be opted out of."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from email.utils import parseaddr
from typing import Any

import pytest
from django.test import Client

from muster.access.models import Membership
from muster.mailing.queries import delivery_of
from muster.notices.delivery import deliver
from muster.notices.models import Email, EmailState, OptOut, Priority
from muster.notices.operations import queue_email
from muster.notices.opting_out import Place, opt_out, token_of
from muster.producers.models import Producer
from muster.profiles.models import OwnContact
from muster.reports.subjects.producers import OPTED_OUT
from tests.mailing.mailings import choose, findings_of, send, write
from tests.make import make_agency, make_license, make_member, make_producer
from tests.notices.mail_server import MailServer
from tests.offboarding.removals import confirm, remove

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return make_member(name="Ines Duarte", email="ines@harbor.example")


@pytest.fixture
def person(member: Membership) -> Callable[..., Producer]:
    agency = make_agency(member.organization, name="Cedar Agency")

    def make(email: str, **over: Any) -> Producer:
        return make_producer(member.organization, **{"email": email, "agency": agency, **over})

    return make


def test_it_goes_to_whom_it_can_and_each_of_the_others_is_told_why(
    member: Membership, person: Callable[..., Producer]
) -> None:
    producers = [
        person("ann@harbor.example"),
        person(""),
        person("no address"),
        person("Out@harbor.example"),
        person("gone@harbor.example"),
        person("ANN@harbor.example"),
        person("ben@harbor.example", agency=None),
    ]
    remove(member, producers[4])
    opt_out(Place(member.organization_id, "out@harbor.example"))
    operation = choose(member, *producers)
    assert {code for _, code, _ in findings_of(operation)} >= {"MAIL-E001"}
    operation = write(operation, member)
    told = findings_of(operation)
    assert told == [
        (2, "MAIL-E003", None),
        (3, "MAIL-E004", "Email"),
        (4, "MAIL-E005", None),
        (5, "MAIL-E002", None),
        (6, "MAIL-E006", None),
        (7, "MAIL-W001", "Agency"),
    ]
    # An address that opts out between the check and the sending gets nothing either.
    late = person("late@harbor.example")
    checked = write(choose(member, late), member)
    opt_out(Place(member.organization_id, "late@harbor.example"))
    confirm(checked, member)
    confirm(operation, member)
    assert set(Email.objects.filter(priority=Priority.MAILING).values_list("to", "subject", "text")) == {
        ("ann@harbor.example", "News for Ada", "Dear Ada,\n\nyou are with Cedar Agency."),
        ("ben@harbor.example", "News for Ada", "Dear Ada,\n\nyou are with ."),
    }


def test_a_reader_answers_the_sender_sees_no_other_address_and_opts_out_by_the_link(
    member: Membership, person: Callable[..., Producer], mail_server: MailServer
) -> None:
    producers = [person("ann@harbor.example"), person("ben@harbor.example")]
    make_license(producers[0], "CA")
    send(member, *producers, body="You sell in {{ license_states | no state }}: {{ sender_name }}.")
    assert deliver() == 2
    ann, ben = sorted(mail_server.taken, key=lambda mail: mail["To"])
    for mail, other in ((ann, "ben@"), (ben, "ann@")):
        assert other not in str(mail)
        assert mail["Reply-To"] == "ines@harbor.example"
        assert parseaddr(mail["From"]) == (member.organization.name, "muster@localhost")
        assert f"You get this mail as a producer of {member.organization.name}." in str(mail)
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail.get_body(["html"]) is not None
    assert "You sell in no state: Ines Duarte." in ben.get_body(["plain"]).get_content()
    url = ann["List-Unsubscribe"].strip(" <>")
    assert url in ann.get_body(["plain"]).get_content()
    assert "ann" not in url
    path = re.sub(r"^https?://[^/]+", "", url)

    reader = Client(enforce_csrf_checks=True)
    asked = reader.get(path)
    assert b"No more mails of" in asked.content
    assert not OptOut.objects.exists(), "opening a link opts nobody out"
    assert reader.post(path).status_code == 403, "a form of another site does not"
    assert reader.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert list(OptOut.objects.values_list("address", "by")) == [("ann@harbor.example", None)]
    assert [code for _, code, _ in findings_of(write(choose(member, *producers), member))] == ["MAIL-E005"]
    # Only the person takes it back, by the page.
    token = {"csrfmiddlewaretoken": reader.cookies["csrftoken"].value}
    assert b"You get these mails again" in reader.post(path, {"wanted": "yes"} | token).content
    assert not OptOut.objects.exists()
    assert reader.get(path[:-3] + "abc/").status_code == 404
    assert reader.get("/mail/opt-out/%E2%82%AC/").status_code == 404


def test_who_opts_out_while_the_mail_waits_gets_none_and_notices_go_all_the_same(
    member: Membership, person: Callable[..., Producer], mail_server: MailServer
) -> None:
    producers = [person("ann@harbor.example"), person("ben@harbor.example")]
    operation = send(member, *producers)
    queue_email(
        organization_id=member.organization_id, kind="x", to="ann@harbor.example", subject="Notice", text="."
    )
    opt_out(Place(member.organization_id, "ann@harbor.example"))
    assert deliver() == 3
    assert [(mail["To"], mail["Subject"]) for mail in mail_server.taken] == [
        ("ann@harbor.example", "Notice"),
        ("ben@harbor.example", "News for Ada"),
    ], "what is not a mailing goes first"
    assert delivery_of(operation.pk, operation.organization_id) == {
        EmailState.SENT: 1,
        EmailState.WITHHELD: 1,
    }


def test_names_cannot_smuggle_in_a_header_or_html(
    member: Membership, person: Callable[..., Producer], mail_server: MailServer
) -> None:
    name = "Eve\r\nBcc: mallory@evil.example <b>{{ npn }}"
    send(member, person("eve@harbor.example", first_name=name))
    deliver()
    [mail] = mail_server.taken
    assert mail["Bcc"] is None
    assert mail_server.addressees == ["eve@harbor.example"]
    assert "Bcc: mallory@evil.example" in mail["Subject"]
    html = mail.get_body(["html"]).get_content()
    assert "&lt;b&gt;{{ npn }}" in html


def test_fields_tell_the_licenses_that_are_in_force_today(
    member: Membership, person: Callable[..., Producer]
) -> None:
    producer = person("ann@harbor.example")
    for state, over in (
        ("TX", {"expires_on": date(2098, 3, 1)}),
        ("CA", {"expires_on": None}),
        ("NY", {"expires_on": date(2020, 1, 1)}),
        ("FL", {"expires_on": date(2090, 1, 1), "is_active": False}),
        ("TX", {"class_name": "Adjuster"}),
    ):
        make_license(producer, state, **over)
    send(member, producer, body="{{ license_states }} until {{ next_expiry }}")
    assert Email.objects.get().text == "CA, TX until March 1, 2098"


def test_mail_goes_where_the_producer_prefers_it_and_an_opt_out_holds_at_each_of_their_addresses(
    member: Membership, person: Callable[..., Producer], mail_server: MailServer, client: Client
) -> None:
    producer, late, out = (person(f"{name}@file.example") for name in ("ann", "late", "out"))
    for one in (producer, late, out):
        email = one.email.replace("file", "own")
        OwnContact.objects.create(organization=member.organization, producer=one, email=email)
    opt_out(Place(member.organization_id, "out@file.example"))
    operation = send(member, producer, late, out)
    assert findings_of(operation) == [(3, "MAIL-E005", None)]
    opt_out(Place(member.organization_id, "late@file.example"))
    deliver()
    assert mail_server.addressees == ["ann@own.example"]
    assert set(Producer.objects.filter(OPTED_OUT)) == {late, out}
    client.force_login(member.user)
    page = client.get(f"/operations/{operation.pk}/").content.decode()
    assert "To ann@own.example, as they prefer" in page
    assert "Somebody with this address wants no mailings" in page
    assert "As they prefer" in client.get(f"/mailings/{operation.pk}/").content.decode()
    assert "ann@own.example" in client.get(f"/producers/{producer.npn}/").content.decode()
    assert "Prefers ann@own.example" in client.get("/contacts/?list=all").content.decode()


def test_300_bad_addresses_hold_up_nobody_else(member: Membership) -> None:
    Producer.objects.bulk_create(
        Producer(
            organization=member.organization,
            npn=str(2_000_000 + number),
            last_name="Alder",
            email="bad" if number % 10 == 0 else f"p{number}@harbor.example",
        )
        for number in range(3_000)
    )
    operation = send(member, *Producer.objects.all())
    assert (operation.outcomes["updated"], operation.outcomes["rejected"]) == (2_700, 300)
    assert Email.objects.filter(state="waiting", priority=Priority.MAILING).count() == 2_700


def test_the_token_of_one_organization_is_of_no_use_in_another(member: Membership) -> None:
    ours, theirs = (Place(number, "ann@harbor.example") for number in (member.organization_id, 10**6))
    assert token_of(ours) != token_of(theirs)
    assert Client().get(f"/mail/opt-out/{token_of(theirs)}/").status_code == 404
