"""The mail to the person who started an operation, once it has ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse

from muster.bulk.kinds import SelectionKind, UnknownKind, UploadKind, kind_of, selection_kind_named
from muster.bulk.models import Operation, OperationState, Policy
from muster.notices.operations import queue_email
from muster.notices.words import ActionCompletion, Completion

KIND = "operation-finished"

TOLD_ON_PAGE = "told_on_page"
"""The parameter of an operation whose starter sees the end of it on the page: no mail tells them again."""


def queue_completion(operation: Operation, now: datetime) -> None:
    """Tell the operation's starter what became of it, in the transaction that ends it.

    Nobody is told of one that nobody started, that was canceled before anything was written, or whose end
    its starter sees anyway.
    """
    if operation.by is None or operation.started_at is None or operation.params.get(TOLD_ON_PAGE):
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
    facts: dict[str, Any] = {
        "title": title_of(operation),
        "source_name": operation.source_name,
        "organization": operation.organization.name,
        "starter": str(operation.by),
        "link": settings.MUSTER_SITE_URL + path_of(operation),
        "outcomes": operation.outcomes,
        "rows": operation.rows,
        "blank": operation.blank,
        "all_or_nothing": operation.policy == Policy.ALL_OR_NOTHING,
        "canceled": operation.state == OperationState.CANCELED,
        "took": now - operation.started_at if operation.started_at else timedelta(),
        "finished_at": now,
    }
    if action := _action(operation):
        return ActionCompletion(**facts, things=f"{action.one},{action.many}", done=action.done)
    return Completion(**facts)


def _action(operation: Operation) -> SelectionKind | None:
    try:
        return selection_kind_named(operation.kind)
    except UnknownKind:
        return None


def title_of(operation: Operation) -> str:
    """What an operation is called, such as "Agent import"."""
    try:
        kind = kind_of(operation)
    except UnknownKind:
        return operation.kind.replace("-", " ").capitalize()
    return f"{kind.label} import" if isinstance(kind, UploadKind) else kind.label


def path_of(operation: Operation) -> str:
    """Where an operation is told of; nothing where this site has no page of it."""
    page, of = ("operation-detail" if _action(operation) else "import-detail"), str(operation.pk)
    if file := operation.params.get("upload"):
        # The page of the file that producers are onboarded from tells of the rows that are left, too.
        page, of = "bulk-onboard-file", file
    try:
        return reverse(page, args=[of])
    except NoReverseMatch:
        return ""
