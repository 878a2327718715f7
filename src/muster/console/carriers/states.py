"""Writing in which states a company appoints: the table as it was filled in, and several states at once."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.carriers import operations
from muster.carriers.keeping import CannotKeep
from muster.carriers.operations import StatesSet
from muster.carriers.queries import states_of
from muster.console.carriers.companies import company_answer, company_of
from muster.console.carriers.settings import NEW, AddingStates, row_in, rows_in, told_in
from muster.core.counting import counted
from muster.core.words import states as all_states

FEW = 4


@require_POST
@needs(Permission.MANAGE_CARRIERS)
def save(request: StaffRequest, cocode: str) -> HttpResponse:
    """Write the table of states; those that are marked are removed."""
    company = company_of(request, cocode)
    rows = rows_in(request.POST)
    # A state that somebody has removed meanwhile is not put back by a table that still shows it.
    known = {setting.state for setting in states_of(company)}
    try:
        done = operations.set_states(
            by=request.member,
            company=company,
            told={row.state: told_in(row) for row in rows if row.state in known and not row.removed},
            remove=[row.state for row in rows if row.removed],
        )
    except CannotKeep as problem:
        if _tell_refused(request, problem):
            return redirect("company-list")
        wrong = [replace(row, reasons=_reasons_of(problem, row.state)) for row in rows if row.state in known]
        return company_answer(request, company, rows=wrong)
    _tell(request, done)
    return redirect(reverse("company-detail", args=[cocode]) + "#states")


@require_POST
@needs(Permission.MANAGE_CARRIERS)
def add(request: StaffRequest, cocode: str) -> HttpResponse:
    """Add the states that are ticked, or all that are left, with the same settings for each."""
    company = company_of(request, cocode)
    known = {setting.state for setting in states_of(company)}
    asked = all_states() if "all" in request.POST else request.POST.getlist("add")
    chosen = [state for state in asked if state in all_states() and state not in known]
    row = row_in(request.POST, NEW, NEW)
    if not chosen:
        messages.info(request, "Tick the states in which it appoints, then press Add.")
        return redirect(reverse("company-detail", args=[cocode]) + "#add")
    try:
        done = operations.set_states(
            by=request.member, company=company, told=dict.fromkeys(chosen, told_in(row))
        )
    except CannotKeep as problem:
        if _tell_refused(request, problem):
            return redirect("company-list")
        row = replace(row, reasons=_reasons_of(problem, chosen[0]))
        return company_answer(request, company, adding=AddingStates(chosen, row))
    _tell(request, done)
    return redirect(reverse("company-detail", args=[cocode]) + "#states")


def _tell_refused(request: StaffRequest, problem: CannotKeep) -> bool:
    """Say on top of the page that nothing was saved; return whether there is no company any more."""
    if "" in problem.reasons:
        messages.error(request, str(problem))
        return True
    codes = list(dict.fromkeys(key.partition("-")[0] for key in problem.reasons))
    messages.error(request, f"Nothing was saved. Mend what is marked below: {_named(codes)}.")
    return False


def _reasons_of(problem: CannotKeep, state: str) -> dict[str, list[str]]:
    """What is wrong with one state, by the keys of its fields."""
    return {
        key.partition("-")[2]: list(reasons)
        for key, reasons in problem.reasons.items()
        if key.partition("-")[0] == state
    }


def _tell(request: StaffRequest, done: StatesSet) -> None:
    told = [
        f"{_named(codes)} {'is' if len(codes) == 1 else 'are'} {verb}."
        for codes, verb in ((done.added, "added"), (done.changed, "changed"), (done.removed, "removed"))
        if codes
    ]
    if told:
        messages.success(request, " ".join(told))
    else:
        messages.info(request, "Nothing was changed.")


def _named(codes: list[str]) -> str:
    if len(codes) > FEW:
        return counted(len(codes), "state,states")
    names = [all_states()[code] for code in codes]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
