"""One's own account, and changing organizations."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from muster.access.gate import PersonRequest, logged_in
from muster.access.middleware import SESSION_KEY
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.access.queries import active_memberships


@require_safe
@logged_in
def account(request: PersonRequest) -> HttpResponse:
    """What Muster knows of the person who is logged in."""
    member: Membership | None = request.member  # type: ignore[attr-defined]
    return render(
        request,
        "people/account.html",
        {
            "memberships": active_memberships(request.user),
            "has_mfa": is_mfa_enabled(request.user),
            "may_manage_tokens": member is not None and member.may(Permission.MANAGE_SETTINGS),
        },
    )


@require_POST
@logged_in
def switch_organization(request: PersonRequest) -> HttpResponse:
    """Go on working in another of one's organizations."""
    wanted = request.POST.get("organization", "")
    for membership in active_memberships(request.user):
        if str(membership.organization_id) == wanted:
            request.session[SESSION_KEY] = membership.organization_id
            return redirect("home")
    raise Http404
