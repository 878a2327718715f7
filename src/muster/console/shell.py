"""What every page's frame needs: navigation, organizations to switch to, search."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import localtime

from muster import __version__
from muster.access.models import Membership, User
from muster.access.permissions import Permission, Role
from muster.access.queries import active_memberships
from muster.config.demo_logins import demo_logins
from muster.portals.addresses import home_path


@dataclass(frozen=True, slots=True)
class Area:
    """A page area of the sidebar; `name` is the URL name of its first page."""

    label: str
    name: str
    icon: str
    permission: Permission


AREAS = (
    Area("Home", "home", "home", Permission.READ),
    Area("Producers", "producer-list", "users", Permission.READ),
    Area("Contacts", "contact-list", "address-book", Permission.READ),
    Area("Licenses", "license-list", "certificate", Permission.READ),
    Area("Appointments", "appointment-list", "clipboard-check", Permission.READ),
    Area("Before renewal", "renewal-list", "calendar-dollar", Permission.READ),
    Area("Transactions", "transaction-list", "file-invoice", Permission.READ),
    Area("Scorecards", "scorecard-list", "checklist", Permission.READ),
    Area("Reports", "report-list", "table", Permission.READ),
    Area("Agencies", "agency-list", "building-store", Permission.READ),
    Area("Companies", "company-list", "building-bank", Permission.READ),
    Area("State rules", "state-rule-list", "scale", Permission.READ),
    Area("Territories", "territory-list", "map-2", Permission.READ),
    Area("Reminders", "reminder-list", "bell", Permission.READ),
    Area("Changes", "change-list", "git-compare", Permission.READ),
    Area("Imports", "import-list", "file-import", Permission.READ),
    Area("Portals", "portal-list", "door-enter", Permission.INVITE_PRODUCERS),
    Area("Registry", "registry", "cloud-download", Permission.READ),
    Area("Mailings", "mailing-list", "send", Permission.SEND_MAIL),
    Area("Mail", "mail-list", "mail", Permission.READ_MAIL),
    Area("Webhooks", "webhook-list", "webhook", Permission.MANAGE_SETTINGS),
    Area("People", "people", "user-shield", Permission.MANAGE_USERS),
    Area("Activity", "activity", "history", Permission.MANAGE_USERS),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sidebar."""

    label: str
    icon: str
    url: str
    current: bool


class Shell:
    """The frame of one request. Nothing is asked of the database until the template asks."""

    version = __version__

    def __init__(self, request: HttpRequest, member: Membership | None) -> None:
        self.request = request
        self.member = member

    @property
    def is_demo(self) -> bool:
        return settings.MUSTER_DEMO

    @property
    def may_read(self) -> bool:
        """Whether there is a bell: a producer has none here."""
        return self.member is not None and self.member.may(Permission.READ)

    @property
    def for_producer(self) -> bool:
        """Whether a page speaks to a producer: one of theirs, or asked for by who is nothing else here."""
        if self.member is None:
            return False
        return self.member.role == Role.PRODUCER or self.request.path.startswith(home_path())

    @property
    def time_zone(self) -> str:
        """Whose times the site shows: "New York (EST)", by the place and what its zone is called today."""
        place, called = settings.TIME_ZONE.rpartition("/")[2].replace("_", " "), localtime().tzname()
        return place if called in (None, place) else f"{place} ({called})"

    @property
    def has_mail_server(self) -> bool:
        return bool(settings.EMAIL_HOST)

    @cached_property
    def navigation(self) -> list[Entry]:
        """The areas that this person may enter, with the one they are in marked."""
        if self.member is None:
            return []
        return [
            Entry(area.label, area.icon, url, _is_current(url, self.request.path))
            for area in AREAS
            if self.member.may(area.permission)
            for url in [reverse(area.name)]
        ]

    @cached_property
    def others(self) -> list[Membership]:
        """The person's places in other organizations."""
        if self.member is None:
            return []
        return list(active_memberships(self.member.user).exclude(id=self.member.id))

    @property
    def search_url(self) -> str:
        return reverse("producer-list")

    @property
    def demo_logins(self) -> list[dict[str, str]]:
        """On the demo, the logins that were made for it: email, password and role of each."""
        return demo_logins() if settings.MUSTER_DEMO else []

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        return "" if self.member is None else _initials(self.member.user)


def context(request: HttpRequest) -> dict[str, Any]:
    """The template context of the frame; works for answers given before the session is known."""
    member = getattr(request, "member", None)
    return {"member": member, "shell": Shell(request, member)}


def _is_current(url: str, path: str) -> bool:
    return path == url if url == reverse("home") else path.startswith(url)


def _initials(user: User) -> str:
    words = (user.name or user.email).split()
    return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper()
