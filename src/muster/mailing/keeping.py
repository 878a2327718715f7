"""Keeping templates: one's own, or shared with the organization."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.audit.operations import EventKind, record
from muster.core.delivery import one_line
from muster.core.mailing import LONGEST_TEXT
from muster.mailing.models import MailTemplate
from muster.mailing.sending import LONGEST_SUBJECT, problems_in

LONGEST_NAME = 80


class CannotKeep(Exception):
    """A template cannot be kept as it is: `problems` are sentences that say why, and what to do."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def keep_template(
    *,
    by: Membership,
    name: str,
    subject: str,
    body: str,
    is_shared: bool,
    template: MailTemplate | None = None,
) -> MailTemplate:
    """Make a template, or change one's own, on record. Raises CannotKeep, PermissionDenied."""
    _must_be_theirs(by, template)
    name = one_line(name, limit=LONGEST_NAME)
    subject, body = (
        one_line(subject, limit=LONGEST_SUBJECT * 2),
        body.replace("\r\n", "\n")[: LONGEST_TEXT * 2],
    )
    problems = problems_in(subject, body)
    if not name:
        problems.insert(0, "Give the template a name.")
    if problems:
        raise CannotKeep(*problems)
    template = template or MailTemplate(organization_id=by.organization_id, owner_id=by.user_id)
    template.name, template.subject, template.body, template.is_shared = name, subject, body, is_shared
    template.updated_at = Now()
    with transaction.atomic():
        try:
            with transaction.atomic():
                template.save()
        except IntegrityError:
            raise CannotKeep(f"You have a template called “{name}” already: change that one.") from None
        _record(EventKind.MAIL_TEMPLATE_KEPT, by, template)
    return template


def delete_template(*, by: Membership, template: MailTemplate) -> None:
    """Delete one's own template, on record; mails that were written by it stay. Raises PermissionDenied."""
    _must_be_theirs(by, template)
    with transaction.atomic():
        _record(EventKind.MAIL_TEMPLATE_DELETED, by, template)
        template.delete()


def may_change(member: Membership, template: MailTemplate) -> bool:
    """Whether it is theirs to change: their own, or a shared one for who sees to the settings."""
    return template.owner_id == member.user_id or member.may(Permission.MANAGE_SETTINGS)


def _must_be_theirs(by: Membership, template: MailTemplate | None) -> None:
    if not by.may(Permission.SEND_MAIL) or (template is not None and not may_change(by, template)):
        raise PermissionDenied


def _record(kind: EventKind, by: Membership, template: MailTemplate) -> None:
    record(
        kind,
        organization_id=by.organization_id,
        by_id=by.user_id,
        subject=f"mail-template:{template.pk}",
        data={"name": template.name, "shared": template.is_shared},
    )
