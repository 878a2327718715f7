"""The mail to Agency Admins when an endpoint was switched off by itself."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from muster.access.permissions import Permission
from muster.access.queries import members_who_may
from muster.notices.operations import queue_email
from muster.webhooks.models import Endpoint

KIND = "webhook-off"


def tell_admins(endpoint: Endpoint, why: Endpoint.Off) -> None:
    """Queue a mail to everybody who may switch it on again, in the caller's transaction."""
    text = render_to_string(
        "webhooks/off.txt",
        {
            "endpoint": endpoint,
            "why": why.label,
            "url": f"{settings.MUSTER_SITE_URL}{reverse('webhook', args=[endpoint.pk])}",
        },
    )
    members = members_who_may(endpoint.organization_id, Permission.MANAGE_SETTINGS).select_related("user")
    for member in members:
        queue_email(
            organization_id=endpoint.organization_id,
            kind=KIND,
            to=member.user.email,
            subject=f"Webhook switched off: {endpoint}",
            text=text.strip() + "\n",
        )
