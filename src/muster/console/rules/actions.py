"""Setting an own value in place of a state's rule, and ending it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.carriers.keeping import CannotKeep
from muster.carriers.state_rules import end_override, override_rule, own_rule, own_values, rulebook_of
from muster.console.rules.forms import OwnValueForm
from muster.console.rules.links import rule_url
from muster.console.rules.preview import of_ending, of_setting
from muster.console.rules.state import told_of_key
from muster.console.rules.views import known_state
from muster.console.rules.words import TOPIC_LABELS, label_of, value_words
from muster.core.rules.keys import TOPICS
from muster.core.words import states


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_CARRIERS)
def override(request: StaffRequest, code: str, topic: str, key: str) -> HttpResponse:
    """The form of an own value. What is filled in, as a query, shows what it would change."""
    at: dict[str, Any] = {"state": known_state(code), "topic": topic, "key": key}
    if key not in TOPICS.get(topic, {}):
        raise Http404
    now, today = timezone.now(), timezone.localdate()
    book = rulebook_of(request.member.organization_id)
    case = request.GET.get("case", "")
    if request.method == "POST":
        form = OwnValueForm(request.POST, book=book, case=case, today=today, **at)
        if form.is_valid():
            try:
                own = override_rule(
                    by=request.member, now=now, reason=form.cleaned_data["reason"], **at, **form.told()
                )
            except CannotKeep as wrong:
                form.refuse(wrong)
            else:
                rule = own_rule(own)
                what = f"{label_of(topic, key)} in {states()[own.state]}"
                messages.success(request, f"{what} is a value of your own now: {value_words(rule)}.")
                return redirect(rule_url(rule.id))
    else:
        filled = request.GET if "starts_on" in request.GET else None
        form = OwnValueForm(filled, book=book, case=case, today=today, **at)
    told = form.told()
    return render(
        request,
        "rules/override.html",
        {
            "code": at["state"],
            "name": states()[at["state"]],
            "topic": TOPIC_LABELS[topic],
            "told": told_of_key(book, at["state"], topic, key, today),
            "form": form,
            "preview": of_setting(book, request.member, now=now, today=today, **at, **told) if told else [],
            "version": book.short_version,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_CARRIERS)
def end(request: StaffRequest, override_id: int) -> HttpResponse:
    """Take an own value back, after a look at what that changes."""
    held = get_object_or_404(own_values(request.member), pk=override_id)
    rule = own_rule(held)
    if request.method == "POST":
        if end_override(by=request.member, override=held, now=timezone.now()):
            messages.success(
                request, f"Your own value of {label_of(held.topic, held.key).lower()} has ended."
            )
        else:
            messages.info(request, "This value was ended already. Nothing was changed.")
        return redirect(rule_url(rule.id))
    if held.ended_at:
        messages.info(request, "This value was ended already.")
        return redirect(rule_url(rule.id))
    today, book = timezone.localdate(), rulebook_of(held.organization_id)
    return render(
        request,
        "rules/end.html",
        {
            "held": held,
            "name": states()[held.state],
            "label": label_of(held.topic, held.key),
            "words": value_words(rule),
            "preview": of_ending(book, rulebook_of(held.organization_id, without=held.pk), held, today),
        },
    )
