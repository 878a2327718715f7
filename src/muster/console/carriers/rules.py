"""The list of business rules, switching them, the starting set, and the page of one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.carriers import operations
from muster.carriers.keeping import CannotKeep
from muster.carriers.models import BusinessRule
from muster.carriers.queries import RuleSelection, matching_rules, rule_page, visible_rules
from muster.console.carriers.address import ACTIVE, query_of, selection_of, url_of
from muster.console.carriers.companies import tell_saved
from muster.console.carriers.forms import RuleForm
from muster.console.carriers.steps import step_of_rules
from muster.console.lists.address import places_in
from muster.console.lists.links import chips_of, links_of, quoted
from muster.core.counting import counted
from muster.core.words import LOA_CATEGORIES, states

MANY_DIGITS = 18


@require_safe
@needs(Permission.READ)
def rule_list(request: StaffRequest) -> HttpResponse:
    """Business rules by state and line, with filters; ticked ones are switched on and off."""
    selection = selection_of(request.GET)
    rules, page = rule_page(request.member, selection, **places_in(request.GET))
    may_manage = request.member.may(Permission.MANAGE_CARRIERS)
    return render(
        request,
        "carriers/rules.html",
        {
            "rules": rules,
            "total": page.total,
            "selection": selection,
            "chips": chips_of(
                selection,
                query_of,
                search=quoted,
                state=states().__getitem__,
                category=LOA_CATEGORIES.__getitem__,
                active=ACTIVE.__getitem__,
            ),
            "states": states(),
            "labels": LOA_CATEGORIES,
            "actives": ACTIVE,
            "here": query_of(selection, **places_in(request.GET)),
            **links_of(page, selection, query_of),
            "may_manage": may_manage,
            "adds": may_manage and not rules and selection == RuleSelection(state=selection.state),
            "step": step_of_rules(request.member) if may_manage else None,
        },
    )


@require_POST
@needs(Permission.MANAGE_CARRIERS)
def switch(request: StaffRequest) -> HttpResponse:
    """Make rules active or inactive: one, those that are ticked, or all that match."""
    active = "activate" in request.POST
    which = request.POST.get("activate" if active else "deactivate", "")
    selection = selection_of(request.GET)
    if which == "all":
        chosen = matching_rules(request.member, selection)
    else:
        ids = [which] if which.isdecimal() else request.POST.getlist("rule")
        chosen = visible_rules(request.member).filter(id__in=_numbers(ids))
    switched = operations.switch_rules(by=request.member, rules=chosen, active=active)
    word = "active" if active else "inactive"
    if switched:
        messages.success(request, f"{counted(switched, 'business rule is,business rules are')} {word} now.")
    else:
        messages.info(request, f"Nothing was changed. Tick rules that are not {word}, then press the button.")
    return redirect(url_of(selection, **places_in(request.GET)))


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= MANY_DIGITS]


@require_POST
@needs(Permission.MANAGE_CARRIERS)
def starting_set(request: StaffRequest) -> HttpResponse:
    """Add the rules of the starting set that are missing, in the states that are named or in all."""
    asked = [state for state in request.POST.getlist("state") if state in states()]
    added = operations.add_starting_rules(request.member, asked or None)
    if added:
        messages.success(
            request,
            f"{counted(added, 'business rule is,business rules are')} added. Those of each state's common "
            "producer license are active.",
        )
    else:
        messages.info(
            request, "Nothing was missing: every line of the starting set is here. Switch on what you need."
        )
    return redirect(url_of(selection_of(request.GET)))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_CARRIERS)
def new(request: StaffRequest) -> HttpResponse:
    """Put a business rule on file."""
    form = RuleForm(
        request.POST or None, initial={"is_active": True, "state": selection_of(request.GET).state}
    )
    if form.is_valid():
        try:
            rule = operations.create_rule(by=request.member, told=form.told())
        except CannotKeep as problem:
            form.refuse(problem)
        else:
            messages.success(request, f"{rule.line_name} in {states()[rule.state]} is added.")
            return redirect("business-rule-list")
    return render(request, "carriers/rule_new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_CARRIERS)
def rule(request: StaffRequest, rule_id: int) -> HttpResponse:
    """Change a business rule."""
    rule = _rule_of(request, rule_id)
    form = RuleForm(request.POST or None, initial=RuleForm.of(rule))
    if form.is_valid():
        try:
            changed = operations.change_rule(by=request.member, rule=rule, told=form.told())
        except CannotKeep as problem:
            form.refuse(problem)
        else:
            tell_saved(request, changed)
            return redirect("business-rule-list")
    return render(request, "carriers/rule.html", {"form": form, "rule": rule})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_CARRIERS)
def delete(request: StaffRequest, rule_id: int) -> HttpResponse:
    """Say what a deletion means; with a post, delete."""
    rule = _rule_of(request, rule_id)
    if request.method == "POST":
        operations.delete_rule(by=request.member, rule=rule)
        messages.success(request, f"{rule.line_name} in {states()[rule.state]} is deleted.")
        return redirect("business-rule-list")
    return render(request, "carriers/rule_delete.html", {"rule": rule})


def _rule_of(request: StaffRequest, rule_id: int) -> BusinessRule:
    rule: BusinessRule = get_object_or_404(visible_rules(request.member), pk=rule_id)
    return rule
