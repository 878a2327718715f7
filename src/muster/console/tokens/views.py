"""The tokens of an organization: which there are, making one, and ending one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.models import ApiToken
from muster.access.operations import CannotChange
from muster.access.permissions import Permission
from muster.access.tokens import make_token, revoke_token, tokens_of
from muster.console.tokens.forms import TokenForm


@dataclass(frozen=True, slots=True)
class Line:
    """A token as the page shows it: whether it lets anybody in, and why not."""

    token: ApiToken
    standing: str
    is_good: bool


def _line(token: ApiToken, now: datetime) -> Line:
    if token.revoked_at:
        return Line(token, "Revoked", False)
    if token.expires_at and token.expires_at <= now:
        return Line(token, "Expired", False)
    if not (token.membership.is_active and token.membership.user.is_active):
        return Line(token, "Its member is no longer here", False)
    return Line(token, "Active", True)


@require_safe
@needs(Permission.MANAGE_SETTINGS)
def tokens(request: StaffRequest) -> HttpResponse:
    """Every token of the organization, those that have ended too."""
    now = timezone.now()
    lines = [_line(token, now) for token in tokens_of(request.member)]
    return render(request, "tokens/tokens.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Permission.MANAGE_SETTINGS)
def new(request: StaffRequest) -> HttpResponse:
    """Make a token, and show it this once."""
    form = TokenForm(request.POST or None, member=request.member)
    if form.is_valid():
        told = form.cleaned_data
        try:
            token, secret = make_token(
                by=request.member,
                acts_as=told["acts_as"],
                name=told["name"],
                expires_at=form.expires_at(timezone.now()),
            )
        except CannotChange as problem:
            form.add_error("name", str(problem))
        else:
            return render(request, "tokens/made.html", {"token": token, "secret": secret})
    return render(request, "tokens/new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def revoke(request: StaffRequest, token_id: int) -> HttpResponse:
    """End a token for good, once that is confirmed."""
    token = get_object_or_404(tokens_of(request.member), pk=token_id)
    if request.method == "POST":
        if revoke_token(by=request.member, token=token, now=timezone.now()):
            messages.success(
                request, f"“{token.name}” is revoked. Programs that use it are refused from now on."
            )
        return redirect("api-tokens")
    return render(request, "tokens/revoke.html", {"token": token})
