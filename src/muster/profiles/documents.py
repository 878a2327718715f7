"""Keeping documents, sealed in the database: nothing to set up, and no file that a web server could serve."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from muster.audit.operations import EventKind, record
from muster.core.documents import HEAD, MOST, judge
from muster.portals.models import PortalUser
from muster.producers.models import Producer
from muster.profiles.models import Document, DocumentContent
from muster.vault import seal_bytes, unseal_bytes


class CannotKeep(Exception):
    """A document is not kept: the message is a sentence that says why, and what to do."""


def add_document(*, by: PortalUser, file: UploadedFile[Any]) -> Document:
    """Keep a file that the producer sent, on record: all of it, or nothing. Raises CannotKeep."""
    head = file.read(HEAD)
    judged = judge(name=file.name or "", size=file.size or 0, head=head)
    if judged.trouble:
        raise CannotKeep(judged.trouble)
    content = head + file.read()
    sealed = seal_bytes(content)
    with transaction.atomic():
        # One at a time, so that two at once cannot both be the last.
        Producer.objects.select_for_update(no_key=True).get(pk=by.producer_id)
        if Document.objects.filter(producer_id=by.producer_id).count() >= MOST:
            raise CannotKeep(f"You keep {MOST} documents, and no more are taken. Delete one first.")
        document = Document.objects.create(
            organization_id=by.organization_id,
            producer_id=by.producer_id,
            name=judged.name,
            content_type=judged.content_type,
            size=len(content),
            sha256=sha256(content).hexdigest(),
            added_by_id=by.user_id,
        )
        DocumentContent.objects.create(document=document, sealed=sealed)
        _record(EventKind.DOCUMENT_ADDED, document, by.user_id)
    return document


def delete_document(*, by: PortalUser, document: Document) -> None:
    """Delete a document with its bytes, on record; an answer that it belonged to stays."""
    with transaction.atomic():
        _record(EventKind.DOCUMENT_DELETED, document, by.user_id)
        document.delete()


def download(document: Document, *, by_id: int | None) -> HttpResponse:
    """The document as it was added, to be saved and never shown in the site; on record.

    Whoever asks is its owner, or may read of the owner. Raises CannotOpenSeal.
    """
    with transaction.atomic():
        content = unseal_bytes(bytes(document.content.sealed))
        _record(EventKind.DOCUMENT_READ, document, by_id)
    return HttpResponse(
        content,
        content_type=document.content_type,
        headers={
            "Content-Disposition": content_disposition_header(True, document.name) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


def _record(kind: EventKind, document: Document, by_id: int | None) -> None:
    record(
        kind,
        organization_id=document.organization_id,
        by_id=by_id,
        subject=f"producer:{document.producer_id}",
        data={"document": document.pk, "name": document.name, "bytes": document.size},
    )
