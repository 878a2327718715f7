"""What a producer tells of themselves: contact details, employment history, background questions."""

from __future__ import annotations

from django.contrib import messages
from django.forms import model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from muster.portal.forms import BackgroundForm, ContactForm, EmploymentForm
from muster.portal.gate import ProducerRequest, for_producers
from muster.portal.pages import page
from muster.profiles.models import Employment, OwnContact
from muster.profiles.operations import delete_employment, save_answers, save_contact, save_employment
from muster.profiles.queries import Asked, documents_of, kept_of


@require_safe
@for_producers
def profile(request: ProducerRequest) -> HttpResponse:
    """All that the producer has told, and what is still open."""
    kept = kept_of(request.producer, today=timezone.localdate())
    return page(request, "portal/profile.html", {"kept": kept})


@require_http_methods(["GET", "HEAD", "POST"])
@for_producers
def contact(request: ProducerRequest) -> HttpResponse:
    """How the producer wants to be reached."""
    known = OwnContact.objects.filter(producer=request.producer).first()
    form = ContactForm(request.POST or None, initial=model_to_dict(known) if known else None)
    if form.is_valid():
        save_contact(by=request.seat, told=form.cleaned_data)
        messages.success(request, "Your contact details are kept.")
        return redirect("portal-profile")
    return page(request, "portal/contact.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@for_producers
def employment_new(request: ProducerRequest) -> HttpResponse:
    """Add an entry to the employment history."""
    return _employment(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@for_producers
def employment(request: ProducerRequest, employment_id: int) -> HttpResponse:
    """Change an entry of the employment history."""
    return _employment(request, _own(request, employment_id))


@require_POST
@for_producers
def employment_delete(request: ProducerRequest, employment_id: int) -> HttpResponse:
    """Take an entry out of the employment history."""
    entry = _own(request, employment_id)
    delete_employment(by=request.seat, employment=entry)
    messages.success(request, f"{entry.employer} is taken out of your employment history.")
    return redirect("portal-profile")


@require_http_methods(["GET", "HEAD", "POST"])
@for_producers
def background(request: ProducerRequest) -> HttpResponse:
    """Answer the background questions."""
    documents = documents_of(request.producer)
    kept = kept_of(request.producer, today=timezone.localdate())
    form = BackgroundForm(request.POST or None, documents=documents, initial=_answered(kept.background))
    if form.is_valid():
        answers = form.answers()
        save_answers(by=request.seat, answers=answers)
        said = "Your answers are kept." if answers else "No question is answered yet."
        if "document" in request.POST:
            messages.info(request, f"{said} Add the document here, then choose it under its question.")
            return redirect("portal-documents")
        if answers:
            messages.success(request, said)
            return redirect("portal-profile")
        messages.info(request, f"{said} Choose Yes or No, then press Save answers.")
    return page(request, "portal/background.html", {"form": form, "documents": documents})


def _own(request: ProducerRequest, employment_id: int) -> Employment:
    mine = Employment.objects.filter(producer=request.producer)
    found: Employment = get_object_or_404(mine, pk=employment_id)
    return found


def _employment(request: ProducerRequest, entry: Employment | None) -> HttpResponse:
    form = EmploymentForm(request.POST or None, initial=model_to_dict(entry) if entry else None)
    if form.is_valid():
        save_employment(by=request.seat, told=form.cleaned_data, employment=entry)
        messages.success(request, f"{form.cleaned_data['employer']} is in your employment history.")
        return redirect("portal-profile")
    return page(request, "portal/employment.html", {"form": form, "entry": entry})


def _answered(background: list[Asked]) -> dict[str, str]:
    initial = {}
    for asked in background:
        if asked.answer is not None:
            initial[asked.code] = "yes" if asked.answer.is_yes else "no"
            initial[f"{asked.code}_why"] = asked.answer.explanation
            initial[f"{asked.code}_document"] = str(asked.answer.document_id or "")
    return initial
