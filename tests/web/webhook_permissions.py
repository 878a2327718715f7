"""The URLs of webhooks and of notices, and who gets what there: rows of the permission table."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from muster.access.models import Organization
from muster.notices.models import Notice
from muster.webhooks.models import Endpoint
from muster.webhooks.operations import make_endpoint, send_test
from tests.make import make_member
from tests.web.permission_table import admins, readers

FORM = {"url": "https://crm.example.com/muster", "description": "CRM", "types": ["operation.finished"]}


def _endpoint(organization: Organization) -> Endpoint:
    return make_endpoint(by=make_member(organization), **FORM)[0]


def an_endpoint(organization: Organization) -> dict[str, Any]:
    """One that is on."""
    return {"endpoint_id": _endpoint(organization).pk}


def a_delivery(organization: Organization) -> dict[str, Any]:
    """A test that waits to be sent."""
    endpoint = _endpoint(organization)
    return {"delivery_id": send_test(by=make_member(organization), endpoint=endpoint).pk}


def a_notice_of_another(organization: Organization) -> dict[str, Any]:
    """What somebody else of the organization was told: nobody's business but theirs."""
    notice = Notice.objects.create(
        organization=organization,
        user=make_member(organization).user,
        kind=Notice.Kind.REGISTRY_REFUSED,
        key="sync:refuse",
        at=timezone.now(),
    )
    return {"notice_id": notice.pk}


HIDDEN = dict.fromkeys(("viewer", "specialist", "submitter", "admin", "outsider"), 404)
DONE = {"method": "post", "make": an_endpoint, "admin": 302, "outsider": 404}
LED = dict.fromkeys(("viewer", "specialist", "submitter", "admin", "outsider"), 302)

WEBHOOKS = [
    admins("webhook-list"),
    admins("webhook-new"),
    admins("webhook-new", method="post", data=FORM),
    admins("webhook", make=an_endpoint, outsider=404),
    admins("webhook-change", make=an_endpoint, outsider=404),
    admins("webhook-change", data=FORM, **DONE),
    admins("webhook-rotate", make=an_endpoint, outsider=404),
    admins("webhook-rotate", method="post", make=an_endpoint, outsider=404),
    admins("webhook-delete", make=an_endpoint, outsider=404),
    admins("webhook-delete", **DONE),
    admins("webhook-on", **DONE),
    admins("webhook-off", **DONE),
    admins("webhook-test", **DONE),
    admins("webhook-again", data={"hours": "24"}, **DONE),
    admins("webhook-delivery", make=a_delivery, outsider=404),
    admins("webhook-delivery-again", method="post", make=a_delivery, admin=302, outsider=404),
    readers("notice-list"),
    readers("notice-bell"),
    readers("notice-read", method="post", **LED),
    readers("notice", method="post", make=a_notice_of_another, **HIDDEN),
    readers("notice-unread", method="post", make=a_notice_of_another, **HIDDEN),
]
