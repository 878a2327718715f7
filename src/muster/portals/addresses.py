"""Where the producers' pages are, for whoever sends somebody there."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse


def home_path() -> str:
    """The address of the first page of a producer."""
    return reverse("portal-home")


def registration_link(token: str) -> str:
    """The link of an invitation."""
    return f"{settings.MUSTER_SITE_URL}{reverse('portal-register', args=[token])}"
