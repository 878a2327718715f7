"""The people of an organization, and each one's page."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.models import Membership
from muster.access.operations import (
    CannotChange,
    add_person,
    change_person,
    deactivate_person,
    note_invitation,
    reactivate_person,
)
from muster.access.permissions import Permission
from muster.access.queries import people_of
from muster.console.people.forms import PersonForm, RightsForm


@require_safe
@needs(Permission.MANAGE_USERS)
def people(request: StaffRequest) -> HttpResponse:
    """Who is in the organization, with role and safeguards."""
    people = [(person, person.may(Permission.SEE_SSN)) for person in people_of(request.member)]
    may_manage_tokens = request.member.may(Permission.MANAGE_SETTINGS)
    return render(request, "people/people.html", {"people": people, "may_manage_tokens": may_manage_tokens})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_USERS)
def new(request: StaffRequest) -> HttpResponse:
    """Add a person, who gets a mail that tells how to come in."""
    form = PersonForm(request.POST or None, by=request.member)
    if form.is_valid():
        told = form.cleaned_data
        try:
            with transaction.atomic():
                person = add_person(
                    by=request.member, email=told["email"], name=told["name"], **form.rights()
                )
                _invite(request, person)
        except CannotChange as problem:
            form.add_error(None, str(problem))
        else:
            _tell_of_mail(request, f"{person.user.email} is added.")
            return redirect("people")
    return render(request, "people/new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_USERS)
def person(request: StaffRequest, person_id: int) -> HttpResponse:
    """One person here: role, agencies and SSN right, to be changed."""
    person = _person(request, person_id)
    rights = {name: getattr(person, name) for name in ("role", "can_see_ssn", "agency_ids")}
    form = RightsForm(request.POST or None, initial=rights, by=request.member)
    if form.is_valid():
        try:
            changed = change_person(by=request.member, person=person, **form.rights())
        except CannotChange as problem:
            form.add_error(None, str(problem))
        else:
            if changed:
                messages.success(request, f"What {_called(person)} may do is changed.")
            # Who has just given the right away may not come back to this page.
            return redirect("people" if person.pk != request.member.pk else "home")
    return render(request, "people/person.html", {"form": form, "person": person, "called": _called(person)})


@require_POST
@needs(Permission.MANAGE_USERS)
def deactivate(request: StaffRequest, person_id: int) -> HttpResponse:
    """Let a person go."""
    person = _person(request, person_id)
    try:
        deactivate_person(by=request.member, person=person)
    except CannotChange as problem:
        messages.error(request, str(problem))
        return redirect("person", person.pk)
    messages.success(request, f"{_called(person)} is deactivated.")
    return redirect("people" if person.pk != request.member.pk else "home")


@require_POST
@needs(Permission.MANAGE_USERS)
def reactivate(request: StaffRequest, person_id: int) -> HttpResponse:
    """Have a person back."""
    person = _person(request, person_id)
    reactivate_person(by=request.member, person=person)
    messages.success(request, f"{_called(person)} is back.")
    return redirect("person", person.pk)


@require_POST
@needs(Permission.MANAGE_USERS)
def invite(request: StaffRequest, person_id: int) -> HttpResponse:
    """Send the mail that tells how to come in once more."""
    person = _person(request, person_id)
    try:
        with transaction.atomic():
            note_invitation(by=request.member, person=person)
            _invite(request, person)
    except CannotChange as problem:
        messages.error(request, str(problem))
    else:
        _tell_of_mail(request, f"{person.user.email} is invited again.")
    return redirect("person", person.pk)


def _person(request: StaffRequest, person_id: int) -> Any:
    """The membership, with what `people_of` knows of it."""
    return get_object_or_404(people_of(request.member).select_related("organization"), pk=person_id)


def _invite(request: StaffRequest, person: Membership) -> None:
    get_adapter(request).send_invitation(person)


def _tell_of_mail(request: StaffRequest, done: str) -> None:
    if settings.EMAIL_HOST:
        messages.success(request, f"{done} A mail tells them how to log in.")
    else:
        messages.warning(
            request,
            f"{done} But no mail server is set up, so no mail reaches them. Set one up and invite again, "
            "or have a password made on the terminal: muster password, followed by their email address.",
        )


def _called(person: Any) -> str:
    return str(person.user) if person.has_come else person.user.email
