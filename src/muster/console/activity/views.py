"""The organization's event log, newest first."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission


@require_safe
@needs(Permission.MANAGE_USERS)
def activity(request: StaffRequest) -> HttpResponse:
    """What people and jobs did."""
    return render(request, "activity/activity.html", {})
