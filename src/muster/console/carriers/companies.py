"""The list of companies, and the page of one: what is told of it, what it appoints for, and where."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.carriers import operations
from muster.carriers.keeping import CannotKeep
from muster.carriers.models import Company
from muster.carriers.queries import (
    company_named,
    company_page,
    states_of,
    states_without_rules,
    traces_of,
)
from muster.console.carriers.forms import CategoriesForm, CompanyForm, NewCompanyForm
from muster.console.carriers.listing import COMPANIES
from muster.console.carriers.settings import AddingStates, SettingRow, rows_of
from muster.console.carriers.steps import step_of_companies, step_of_company
from muster.console.lists.address import places_in
from muster.console.lists.asking import Narrowing, question_chips
from muster.console.lists.links import links_of
from muster.console.lists.pages import page_of_list
from muster.console.lists.searched import chips, query_of
from muster.console.lists.shown import list_context
from muster.core.words import LOA_CATEGORIES, states


@require_safe
@needs(Permission.READ)
@page_of_list(COMPANIES)
def company_list(request: StaffRequest) -> HttpResponse:
    """Companies by name, each with what it appoints for and in how many states."""
    member, asked = request.member, COMPANIES.asked_of(request.GET)
    narrow = Narrowing(COMPANIES.subject, asked, member)
    companies, page = company_page(member, search=asked.search, narrow=narrow, **places_in(request.GET))
    may_manage = member.may(Permission.MANAGE_CARRIERS)
    return render(
        request,
        "carriers/companies.html",
        {
            "companies": companies,
            "total": page.total,
            "selection": asked,
            "chips": [*chips(asked), *question_chips(asked, query_of, COMPANIES.subject)],
            **links_of(page, asked, query_of),
            **list_context(request, COMPANIES, asked, companies, objects=companies, orders={}),
            "labels": LOA_CATEGORIES,
            "may_manage": may_manage,
            "step": step_of_companies(member, companies) if may_manage and not asked.narrows else None,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_CARRIERS)
def new(request: StaffRequest) -> HttpResponse:
    """Put a company on file."""
    form = NewCompanyForm(request.POST or None, initial={"create_internal_appointments": True})
    if form.is_valid():
        try:
            company = operations.create_company(by=request.member, told=form.told())
        except CannotKeep as problem:
            form.refuse(problem)
        else:
            messages.success(request, f"{company.name} is on file. Now add the states in which it appoints.")
            return redirect("company-detail", company.cocode)
    return render(request, "carriers/company_new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_CARRIERS)
def edit(request: StaffRequest, cocode: str) -> HttpResponse:
    """Change what is told of a company."""
    company = company_of(request, cocode)
    form = CompanyForm(request.POST or None, initial=CompanyForm.of(company))
    if form.is_valid():
        try:
            changed = operations.change_company(by=request.member, company=company, told=form.told())
        except CannotKeep as problem:
            form.refuse(problem)
        else:
            tell_saved(request, changed)
            return redirect("company-detail", cocode)
    return render(request, "carriers/company_edit.html", {"form": form, "company": company})


@require_POST
@needs(Permission.MANAGE_CARRIERS)
def categories(request: StaffRequest, cocode: str) -> HttpResponse:
    """Choose what a company appoints for."""
    company = company_of(request, cocode)
    form = CategoriesForm(request.POST)
    if form.is_valid():
        try:
            tell_saved(
                request, operations.change_company(by=request.member, company=company, told=form.told())
            )
        except CannotKeep as problem:
            messages.error(request, str(problem))
    else:
        messages.error(request, "That is no LOA category. Tick those of the list.")
    return redirect("company-detail", cocode)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_CARRIERS)
def delete(request: StaffRequest, cocode: str) -> HttpResponse:
    """Say what a deletion takes and what it leaves; with a post, delete."""
    company = company_of(request, cocode)
    if request.method == "POST":
        try:
            operations.delete_company(by=request.member, company=company)
        except CannotKeep as problem:
            messages.error(request, str(problem))
        else:
            messages.success(request, f"{company.name} (CoCode {company.cocode}) is deleted.")
        return redirect("company-list")
    return render(
        request,
        "carriers/company_delete.html",
        {"company": company, "settings": states_of(company), "traces": traces_of(company)},
    )


@require_safe
@needs(Permission.READ)
def detail(request: StaffRequest, cocode: str) -> HttpResponse:
    """All that is set up of one company."""
    return company_answer(request, company_of(request, cocode))


def company_of(request: StaffRequest, cocode: str) -> Company:
    """The company of that CoCode. Raises Http404."""
    company = company_named(request.member, cocode)
    if company is None:
        raise Http404
    return company


def company_answer(
    request: StaffRequest,
    company: Company,
    *,
    rows: Sequence[SettingRow] | None = None,
    adding: AddingStates | None = None,
) -> HttpResponse:
    """The page of a company; `rows` and `adding` are what was typed, where it could not be kept."""
    settings = states_of(company)
    codes = [setting.state for setting in settings]
    missing = states_without_rules(company, codes) if company.categories and codes else []
    may_manage = request.member.may(Permission.MANAGE_CARRIERS)
    context: dict[str, Any] = {
        "company": company,
        "categories": [LOA_CATEGORIES.get(one, one) for one in company.categories],
        "rows": rows_of(settings) if rows is None else rows,
        "missing": missing,
        "may_manage": may_manage,
    }
    if may_manage:
        context |= {
            "form": CategoriesForm(initial={"categories": company.categories}),
            "adding": adding or AddingStates(),
            "others": sorted(
                ((code, name) for code, name in states().items() if code not in codes), key=itemgetter(1)
            ),
            "step": step_of_company(company, codes, missing),
        }
    return render(request, "carriers/company.html", context)


def tell_saved(request: StaffRequest, changed: bool) -> None:
    """Say that it is saved, or that there was nothing to save."""
    if changed:
        messages.success(request, "The changes are saved.")
    else:
        messages.info(request, "Nothing was changed.")
