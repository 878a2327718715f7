"""The mail to the person who started an operation, once it has ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse

from muster.bulk.kinds import UnknownKind, UploadKind, kind_of
from muster.bulk.models import Operation, OperationState, Policy
from muster.notices.operations import queue_email
from muster.notices.words import Completion

KIND = "operation-finished"


def queue_completion(operation: Operation, now: datetime) -> None:
    """Tell the operation's starter what became of it, in the transaction that ends it.

    Nobody is told of one that nobody started, or that was canceled before anything was written.
    """
    if operation.by is None or operation.started_at is None:
        return
    completion = _completion(operation, now)
    queue_email(
        organization_id=operation.organization_id,
        kind=KIND,
        to=operation.by.email,
        subject=completion.subject,
        text=render_to_string("notices/completion.txt", {"completion": completion}).strip() + "\n",
        html=render_to_string("notices/completion.html", {"completion": completion}),
        operation_id=operation.pk,
        # One that is mended and goes on ends more than once.
        occasion=now.isoformat(),
    )


def _completion(operation: Operation, now: datetime) -> Completion:
    return Completion(
        title=_title(operation),
        source_name=operation.source_name,
        organization=operation.organization.name,
        starter=str(operation.by),
        link=_link(operation),
        outcomes=operation.outcomes,
        rows=operation.rows,
        blank=operation.blank,
        all_or_nothing=operation.policy == Policy.ALL_OR_NOTHING,
        canceled=operation.state == OperationState.CANCELED,
        took=now - operation.started_at if operation.started_at else timedelta(),
        finished_at=now,
    )


def _title(operation: Operation) -> str:
    try:
        kind = kind_of(operation)
    except UnknownKind:
        return operation.kind.replace("-", " ").capitalize()
    return f"{kind.label} import" if isinstance(kind, UploadKind) else kind.label


def _link(operation: Operation) -> str:
    try:
        return settings.MUSTER_SITE_URL + reverse("import-detail", args=[operation.pk])
    except NoReverseMatch:
        return settings.MUSTER_SITE_URL
