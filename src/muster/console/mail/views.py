"""The mails that went out or wait to: a list, a page each, and sending again what failed."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.lists.address import before_in
from muster.notices import operations
from muster.notices.models import Email, EmailState
from muster.notices.queries import FILTERS, mails, newest_mails, troubles
from muster.notices.smtp import sender_of

PAGE = 50

# A mail is shown as a document without an origin: it runs nothing and loads nothing.
BODY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to filter the list."""

    name: str
    label: str
    count: int
    current: bool

    @property
    def url(self) -> str:
        return f"?state={self.name}" if self.name else "?"


@require_safe
@needs(Permission.READ_MAIL)
def newest(request: StaffRequest) -> HttpResponse:
    """The list, newest first, a page of fifty at a time."""
    chosen = request.GET.get("state", "")
    if chosen not in FILTERS:
        chosen = ""
    before = before_in(request.GET)
    found = newest_mails(request.member, chosen=chosen, before=before, limit=PAGE + 1)
    query = f"?state={chosen}&" if chosen else "?"
    return render(
        request,
        "mail/list.html",
        {
            "emails": found[:PAGE],
            "tabs": _tabs(request, chosen),
            "chosen": chosen,
            "has_server": bool(settings.EMAIL_HOST),
            "first_url": query.rstrip("&") if before else None,
            "next_url": f"{query}before={found[PAGE - 1].pk}" if len(found) > PAGE else None,
        },
    )


def _tabs(request: StaffRequest, chosen: str) -> list[Tab]:
    trouble = troubles(request.member)
    labels = [
        ("", "All", 0),
        ("waiting", "Waiting", trouble.waiting),
        ("failed", "Failed", trouble.failed),
        ("sent", "Sent", 0),
        ("in-doubt", "In doubt", trouble.in_doubt),
        ("withheld", "Opted out", 0),
        ("kept", "Shown here only", 0),
    ]
    return [Tab(name, label, count, name == chosen) for name, label, count in labels]


@require_safe
@needs(Permission.READ_MAIL)
def detail(request: StaffRequest, email_id: int) -> HttpResponse:
    """One mail: what it says, and how its delivery went."""
    email = get_object_or_404(mails(request.member), pk=email_id)
    return render(
        request,
        "mail/detail.html",
        {
            "email": email,
            "as_text": not email.html or request.GET.get("part") == "text",
            "sender": sender_of(email),
            "has_server": bool(settings.EMAIL_HOST),
            "may_send": not email.secret and email.state in operations.sendable_states(),
        },
    )


@require_safe
@needs(Permission.READ_MAIL)
@xframe_options_sameorigin
def body(request: StaffRequest, email_id: int) -> HttpResponse:
    """The HTML of a mail, for the frame on its page."""
    email = get_object_or_404(mails(request.member), pk=email_id, secret=False)
    if not email.html:
        raise Http404
    return HttpResponse(email.html, headers={"Content-Security-Policy": BODY_POLICY})


@require_POST
@needs(Permission.READ_MAIL)
def send_again(request: StaffRequest, email_id: int) -> HttpResponse:
    """Put a mail that was not sent back into the outbox."""
    email: Email = get_object_or_404(mails(request.member), pk=email_id)
    if operations.send_again(email=email, by=request.member):
        messages.success(request, f"The mail to {email.to} is on its way.")
    elif email.state == EmailState.KEPT:
        messages.error(request, "No mail server is set: set MUSTER_SMTP_HOST, then send it.")
    else:
        messages.error(request, "Only a mail that could not be delivered can be sent again.")
    return redirect("mail-detail", email_id=email.pk)
