"""The producer's own documents."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from muster.core.documents import ACCEPTED, LARGEST, MOST
from muster.portal.gate import ProducerRequest, for_producers
from muster.portal.pages import page
from muster.profiles.documents import CannotKeep, add_document, delete_document, download
from muster.profiles.models import Document
from muster.profiles.queries import documents_of


@require_http_methods(["GET", "HEAD", "POST"])
@for_producers
def documents(request: ProducerRequest) -> HttpResponse:
    """The documents, and adding one."""
    trouble = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            trouble = "Choose a file first."
        else:
            try:
                kept = add_document(by=request.seat, file=file)
            except CannotKeep as problem:
                trouble = str(problem)
            else:
                messages.success(request, f"“{kept.name}” is kept.")
                return redirect("portal-documents")
    context = {
        "documents": documents_of(request.producer),
        "trouble": trouble,
        "accepted": ACCEPTED,
        "largest": LARGEST,
        "most": MOST,
    }
    return page(request, "portal/documents.html", context)


@require_safe
@for_producers
def document(request: ProducerRequest, document_id: int) -> HttpResponse:
    """A document, to be saved."""
    return download(_own(request, document_id), by_id=request.user.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_producers
def delete(request: ProducerRequest, document_id: int) -> HttpResponse:
    """Ask whether a document is to be deleted, and delete it."""
    found = _own(request, document_id)
    if request.method != "POST":
        return page(request, "portal/document_delete.html", {"document": found})
    delete_document(by=request.seat, document=found)
    messages.success(request, f"“{found.name}” is deleted.")
    return redirect("portal-documents")


def _own(request: ProducerRequest, document_id: int) -> Document:
    mine = Document.objects.filter(producer=request.producer).select_related("content")
    found: Document = get_object_or_404(mine, pk=document_id)
    return found
