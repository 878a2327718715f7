"""The URLs of mailings, and who gets what there: rows of the permission table."""

from __future__ import annotations

from typing import Any

from muster.access.models import Organization
from muster.mailing.keeping import keep_template
from muster.notices.opting_out import Place, token_of
from tests.mailing.mailings import choose, send, write
from tests.make import make_member, make_producer
from tests.web.permission_table import a_producer, everybody, managers


def a_mailing(organization: Organization) -> dict[str, Any]:
    """One that waits to be confirmed."""
    member = make_member(organization)
    producer = make_producer(organization, email="ada@harbor.example")
    return {"operation_id": write(choose(member, producer), member).pk}


def a_mailing_sent(organization: Organization) -> dict[str, Any]:
    """One that stands in the outbox."""
    producer = make_producer(organization, email="ada@harbor.example")
    return {"operation_id": send(make_member(organization), producer).pk}


def a_template(organization: Organization) -> dict[str, Any]:
    """A template that an Agency Admin shares."""
    told = {"name": "News", "subject": "News", "body": "News", "is_shared": True}
    return {"template_id": keep_template(by=make_member(organization), **told).pk}


def a_link(organization: Organization) -> dict[str, Any]:
    """What stands in a mailing to somebody."""
    return {"token": token_of(Place(organization.pk, "ada@harbor.example"))}


TEMPLATE = {"name": "Hello", "subject": "Hello", "body": "Hello"}

MAILINGS = [
    managers("mailing-list", allowed=200, outsider=200),
    managers("mailing-detail", make=a_mailing_sent, allowed=200, outsider=404),
    managers("mail-template-list", allowed=200, outsider=200),
    managers("mail-template-new", allowed=200, outsider=200),
    managers("mail-template-new", method="post", data=TEMPLATE, allowed=302, outsider=302),
    managers("mail-template", make=a_template, allowed=200, outsider=404),
    # What is shared is read by all who send mail, and changed by its owner and Agency Admins.
    managers(
        "mail-template",
        method="post",
        make=a_template,
        data=TEMPLATE,
        allowed=302,
        specialist=403,
        outsider=404,
    ),
    managers(
        "mail-template-delete", method="post", make=a_template, allowed=302, specialist=403, outsider=404
    ),
    managers("producer-opt-out", method="post", make=a_producer, allowed=302, outsider=404),
    managers("operation-detail", make=a_mailing, allowed=200, outsider=404),
    managers("operation-do", method="post", make=a_mailing, allowed=302, outsider=404),
    managers("operation-send-test", method="post", make=a_mailing, allowed=302, outsider=404),
    # Whoever has the link is let in, logged in or not; nobody else learns of it.
    everybody("mail-opt-out", make=a_link),
    everybody("mail-opt-out", method="post", make=a_link),
]
