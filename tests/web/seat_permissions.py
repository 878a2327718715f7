"""The URLs of the producers' pages, and who gets what there: rows of the permission table.

Nobody in the table has a seat: whoever works there, and whatever is asked for, gets 403.
"""

from __future__ import annotations

from typing import Any

from muster.access.models import Organization
from muster.profiles.models import Document, DocumentContent
from muster.vault import seal_bytes
from tests.make import make_producer
from tests.web.permission_table import STAFF, Row, readers


def a_document(organization: Organization) -> dict[str, Any]:
    """A document of a producer there."""
    producer = make_producer(organization)
    document = Document.objects.create(
        organization=organization, producer=producer, name="order.pdf", content_type="application/pdf", size=8
    )
    DocumentContent.objects.create(document=document, sealed=seal_bytes(b"%PDF-1.7"))
    return {"npn": producer.npn, "document_id": document.pk}


def seated(name: str, **over: Any) -> Row:
    """A page of producers."""
    return Row(**{"name": name, **dict.fromkeys((*STAFF, "outsider"), 403), **over})


def one(name: str) -> Any:
    """Anything that a URL can be about: it is not looked for."""
    return lambda organization: {name: 1}


SEATED = [
    seated("portal-home"),
    seated("portal-licenses"),
    seated("portal-appointments"),
    seated("portal-profile"),
    seated("portal-profile-contact"),
    seated("portal-profile-contact", method="post"),
    seated("portal-profile-employment-new"),
    seated("portal-profile-employment-new", method="post"),
    seated("portal-profile-employment", make=one("employment_id")),
    seated("portal-profile-employment", method="post", make=one("employment_id")),
    seated("portal-profile-employment-delete", method="post", make=one("employment_id")),
    seated("portal-profile-background"),
    seated("portal-profile-background", method="post"),
    seated("portal-documents"),
    seated("portal-documents", method="post"),
    seated("portal-documents-one", make=one("document_id")),
    seated("portal-documents-delete", make=one("document_id")),
    seated("portal-documents-delete", method="post", make=one("document_id")),
    seated("portal-privacy"),
    readers("portal-organizations"),
    readers("portal-organizations", method="post", **dict.fromkeys(STAFF, 404), outsider=404),
    readers("producer-document", make=a_document, outsider=404),
]
