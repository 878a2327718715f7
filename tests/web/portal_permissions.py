"""The URLs of contacts, portals and registering, and who gets what there: rows of the permission table."""

from __future__ import annotations

from typing import Any

from muster.access.models import Organization
from muster.portals.models import PortalUser
from tests.make import make_member
from tests.portals.inviting import choose, invite, make_contact, make_portal
from tests.web.permission_table import STAFF, Row, a_producer, admins, everybody, managers, readers


def a_portal(organization: Organization) -> dict[str, Any]:
    """A portal of the organization."""
    return {"portal_id": make_portal(organization).pk}


def a_seat(organization: Organization) -> dict[str, Any]:
    """A seat in a portal, of somebody who was invited."""
    portal, producer = make_portal(organization), make_contact(organization, "ada@example.com")
    invite(make_member(organization), producer)
    return {"portal_id": portal.pk, "seat_id": PortalUser.objects.get(producer=producer).pk}


def an_invitation(organization: Organization) -> dict[str, Any]:
    """One that waits to be confirmed."""
    make_portal(organization)
    chosen = choose(make_member(organization), make_contact(organization, "ada@example.com"))
    return {"operation_id": chosen.pk}


OVER: dict[str, int] = dict.fromkeys((*STAFF, "outsider", "anonymous"), 410)
"""Without a link that was sent there is nothing to register by."""

KEPT = {"name": "Agents", "kind": "agents", "seats": "5"}

PORTALS: list[Row] = [
    readers("contact-list"),
    managers("producer-invite", method="post", make=a_producer, allowed=302, outsider=404),
    managers("operation-detail", make=an_invitation, allowed=200, outsider=404),
    managers("operation-do", method="post", make=an_invitation, allowed=302, outsider=404),
    managers("portal-list", allowed=200, outsider=200),
    admins("portal-new"),
    admins("portal-new", method="post", data=KEPT, admin=302, outsider=302),
    managers("portal-detail", make=a_portal, allowed=200, outsider=404),
    admins("portal-edit", make=a_portal, outsider=404),
    admins("portal-edit", method="post", make=a_portal, data=KEPT, admin=302, outsider=404),
    admins("portal-close", method="post", make=a_portal, admin=302, outsider=404),
    managers("portal-send-again", method="post", make=a_seat, allowed=302, outsider=404),
    managers("portal-close-seat", make=a_seat, allowed=200, outsider=404),
    managers("portal-close-seat", method="post", make=a_seat, allowed=302, outsider=404),
    everybody("portal-register", make=lambda _: {"token": "never-sent"}, **OVER),
    everybody("portal-registration", **OVER),
    everybody("portal-registration", method="post", **OVER),
    readers("portal-registered"),
]
