"""Templates of mailings: one's own, and those that are shared."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.bulk.models import Operation
from muster.console.operations.reads import actions_of
from muster.core.mailing import FIELDS, LONGEST_TEXT
from muster.mailing.keeping import LONGEST_NAME, CannotKeep, delete_template, keep_template, may_change
from muster.mailing.models import MailTemplate
from muster.mailing.queries import templates_of
from muster.mailing.sending import BODY, LONGEST_SUBJECT, SUBJECT, SendEmail


@require_safe
@needs(Permission.SEND_MAIL)
def template_list(request: StaffRequest) -> HttpResponse:
    """The templates that the member may use."""
    found = [(one, may_change(request.member, one)) for one in templates_of(request.member)]
    return render(request, "mailing/templates.html", {"templates": found})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEND_MAIL)
def new(request: StaffRequest) -> HttpResponse:
    """Make a template; from a mailing, where the address names one."""
    operation = _mailing(request, request.GET.get("operation", ""))
    params = operation.params if operation else {}
    text = {name: str(params.get(name, "")) for name in (SUBJECT, BODY)}
    return _edit(request, None, text, back=_page_of(operation))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEND_MAIL)
def template(request: StaffRequest, template_id: int) -> HttpResponse:
    """Read a template; whoever it belongs to changes it."""
    found = _template(request, template_id)
    return _edit(request, found, {SUBJECT: found.subject, BODY: found.body}, back=_page_of(None))


@require_POST
@needs(Permission.SEND_MAIL)
def delete(request: StaffRequest, template_id: int) -> HttpResponse:
    """Delete a template; what was sent stays."""
    found = _template(request, template_id)
    name = found.name
    delete_template(by=request.member, template=found)
    messages.success(request, f"The template {name} is deleted.")
    return redirect("mail-template-list")


def _template(request: StaffRequest, template_id: int) -> MailTemplate:
    return get_object_or_404(templates_of(request.member), pk=template_id)


def _mailing(request: StaffRequest, operation: str) -> Operation | None:
    try:
        return actions_of(request.member).filter(kind=SendEmail.name, pk=UUID(operation)).first()
    except ValueError:
        return None


def _page_of(operation: Operation | None) -> str:
    """Whence a template was kept: the mailing, or else the templates."""
    return reverse("operation-detail", args=[operation.pk]) if operation else reverse("mail-template-list")


def _edit(
    request: StaffRequest, found: MailTemplate | None, text: dict[str, str], *, back: str
) -> HttpResponse:
    told = {"name": found.name if found else "", "is_shared": bool(found and found.is_shared), **text}
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        told = {
            **{name: request.POST.get(name, "") for name in ("name", SUBJECT, BODY)},
            "is_shared": request.POST.get("shared") == "yes",
        }
        try:
            kept = keep_template(by=request.member, template=found, **told)  # type: ignore[arg-type]
        except CannotKeep as problem:
            problems = problem.problems
        else:
            messages.success(request, f"The template {kept.name} is kept.")
            return redirect(back)
    context = {
        "template": found,
        "back": back,
        "told": told,
        "problems": problems,
        "may_change": found is None or may_change(request.member, found),
        "fields": FIELDS,
        "longest_name": LONGEST_NAME,
        "longest_subject": LONGEST_SUBJECT,
        "longest_text": LONGEST_TEXT,
    }
    return render(request, "mailing/template.html", context)
