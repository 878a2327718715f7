"""What needs a producer's attention, most pressing first, each with its one next step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format

from muster.core.counting import counted
from muster.core.words import states
from muster.licenses.standing import Standing
from muster.producers.profile import HeldLicense, Profile, in_days
from muster.profiles.queries import Kept

MOST_LICENSES = 3
"""So many licenses are told one by one; more of a kind are told together."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that needs attention, and where to go about it."""

    title: str
    text: str
    icon: str
    color: str
    label: str
    url: str


def attention_of(profile: Profile, kept: Kept, *, organization: str) -> list[Item]:
    """All that needs attention: what keeps from selling before what the producer has still to tell."""
    return [*_licenses(profile, organization), *_gaps(profile), *_untold(kept)]


def _licenses(profile: Profile, organization: str) -> list[Item]:
    lapsed = [one for one in profile.licenses if one.standing in (Standing.EXPIRED, Standing.INACTIVE)]
    help_with = f"Renew with the state, or ask {organization} to."
    return [
        *_told(lapsed, "are not in force", "red", "certificate-off", help_with),
        *_told(profile.expiring, "expire soon", "orange", "calendar-exclamation", help_with),
    ]


def _told(licenses: list[HeldLicense], many: str, color: str, icon: str, text: str) -> list[Item]:
    page = reverse("portal-licenses")
    if len(licenses) > MOST_LICENSES:
        codes = ", ".join(sorted({held.license.state for held in licenses}))
        title = f"{counted(len(licenses), 'license,licenses')} {many}"
        return [Item(title, f"{codes}. {text}", icon, color, "See licenses", page)]
    return [
        Item(
            f"Your {states().get(held.license.state, held.license.state)} license {_stands(held)}",
            _step(held) or text,
            icon,
            color,
            "See the license",
            f"{page}#license-{held.license.pk}",
        )
        for held in licenses
    ]


def _stands(held: HeldLicense) -> str:
    if _has_run_out(held) and held.license.expires_on:
        return f"ran out on {date_format(held.license.expires_on, 'M j, Y')}"
    return "is inactive" if held.standing is Standing.INACTIVE else f"expires {in_days(held.days_left or 0)}"


def _step(held: HeldLicense) -> str:
    """What to do about it, where the registry says that it is inactive: to renew alone may not do."""
    if held.standing is not Standing.INACTIVE:
        return ""
    return "Renew it, or ask the state." if _has_run_out(held) else "Ask the state why it is."


def _has_run_out(held: HeldLicense) -> bool:
    return held.days_left is not None and held.days_left < 0


def _gaps(profile: Profile) -> list[Item]:
    if not profile.gaps or not profile.producer.synced_at:
        return []
    what = "Something is" if profile.gaps == 1 else f"{profile.gaps:,} things are"
    return [
        Item(
            f"{what} missing for what you are meant to sell",
            "A license, a line of authority or an appointment. Each says what to do.",
            "list-check",
            "orange",
            "See what is missing",
            f"{reverse('portal-appointments')}#gaps",
        )
    ]


def _untold(kept: Kept) -> Iterator[Item]:
    if kept.contact is None:
        yield _to_tell(
            "Tell how you want to be reached",
            "Your email, phone and mailing address.",
            "address-book",
            "Add contact details",
            "portal-profile-contact",
        )
    if kept.gaps:
        yield _to_tell(
            "Tell what you did in the last five years"
            if not kept.employments
            else f"{counted(len(kept.gaps), 'gap,gaps')} in your employment history",
            "Jobs, and also times without one.",
            "briefcase",
            "Add employment",
            "portal-profile-employment-new",
        )
    if kept.unanswered:
        yield _to_tell(
            f"{counted(kept.unanswered, 'background question is,background questions are')} unanswered",
            "States ask them of everybody who applies for a license.",
            "help-circle",
            "Answer",
            "portal-profile-background",
        )


def _to_tell(title: str, text: str, icon: str, label: str, page: str) -> Item:
    return Item(title, text, icon, "blue", label, reverse(page))
