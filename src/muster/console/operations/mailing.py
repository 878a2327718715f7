"""The page of a mailing: writing it, seeing it as real people get it, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST

from muster.access.gate import StaffRequest, needs
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk import operations
from muster.bulk.models import Item, Operation, OperationState
from muster.bulk.operations import CannotStart
from muster.bulk.states import GOOD
from muster.console.imports.views import row_number
from muster.console.operations.reads import ActionItem, action_of, split_of
from muster.console.operations.starting import carry_on, process
from muster.console.transactions.moving import POLL_SECONDS
from muster.core.delivery import one_line
from muster.core.mailing import FIELDS, LONGEST_TEXT, as_html, labels_of
from muster.mailing.models import MailTemplate
from muster.mailing.queries import delivery_of, mails_of, people_of, templates_of
from muster.mailing.sending import BODY, LONGEST_SUBJECT, SUBJECT, Letter, SendEmail, letter_of, problems_in
from muster.notices.completion import TOLD_ON_PAGE
from muster.notices.frame import framed, why_told
from muster.notices.models import UNDER_WAY, Email
from muster.notices.operations import queue_email
from muster.notices.opting_out import url_of_test

TEST = "mailing-test"
"""What a test to oneself is, in the outbox."""

CHANGED = "The text was changed; look at the preview again, then send."


class Shown(NamedTuple):
    """The mail as one person of the selection gets it; `missing` is what is not known of them."""

    row_no: int
    name: str
    address: str
    is_preferred: bool
    subject: str
    text: str
    html: SafeString
    missing: list[str]
    previous: int | None
    next: int | None


def mailing_context(operation: Operation, member: Membership, *, person: int) -> dict[str, Any]:
    """What the page of a mailing shows beside what every action does."""
    letter = letter_of(operation.params)
    subject, body = str(operation.params.get(SUBJECT, "")), str(operation.params.get(BODY, ""))
    context: dict[str, Any] = {"subject": subject, "body": body}
    if operation.state == OperationState.READY:
        context |= {
            "writes": True,
            "fields": FIELDS,
            "templates": templates_of(member),
            "problems": problems_in(subject, body) if subject or body else [],
            "why_told": why_told(member.organization.name),
            "shown": _shown(operation, letter, member, person) if letter else None,
            "longest_subject": LONGEST_SUBJECT,
            "longest_text": LONGEST_TEXT,
        }
    else:
        delivery = delivery_of(operation.pk, operation.organization_id)
        context |= {
            "delivery": list(delivery.items()),
            "moves": not delivery.keys().isdisjoint(UNDER_WAY),
            "poll_seconds": POLL_SECONDS,
        }
    return {
        "mailing": context,
        "undecided": operation.state == OperationState.READY and letter is None,
    }


def _shown(operation: Operation, letter: Letter, member: Membership, person: int) -> Shown | None:
    good = Item.objects.filter(operation=operation, state__in=GOOD)
    item = good.filter(row_no__gte=person).order_by("row_no").first() or good.order_by("row_no").first()
    if item is None or item.target_id is None:
        return None
    found = people_of(member, [item.target_id], today=timezone.localdate()).get(item.target_id)
    if found is None:
        return None
    subject, text = letter.to(found.values)
    return Shown(
        row_no=item.row_no,
        name=found.name,
        address=found.address,
        is_preferred=found.is_preferred,
        subject=one_line(subject),
        text=text,
        html=mark_safe(as_html(text)),  # noqa: S308  all of it is escaped
        missing=labels_of(letter.missing_in.missing(found.values)),
        previous=good.filter(row_no__lt=item.row_no).aggregate(last=Max("row_no"))["last"],
        next=good.filter(row_no__gt=item.row_no).order_by("row_no").values_list("row_no", flat=True).first(),
    )


def mails_by_producer(operation: Operation, items: Sequence[ActionItem]) -> dict[int | None, Email]:
    """The mail of each of these items that has one, by its producer; one query."""
    ids = [item.target_id for item in items if item.target_id]
    mails = mails_of(operation.pk, operation.organization_id).filter(producer_id__in=ids)
    return {mail.producer_id: mail for mail in mails.defer("text", "html")}


def do(request: StaffRequest, operation: Operation, kind: SendEmail) -> HttpResponse | None:
    """Do what the button says with the text of the form; what was not seen as it is now is not sent."""
    if operation.state != OperationState.READY:
        process(request, operation)
        return None
    is_new = _take_text(request, operation)
    if "keep" in request.POST:
        return redirect(reverse("mail-template-new", query={"operation": str(operation.pk)}))
    if "send" not in request.POST:
        return _at(operation, row_number(request.POST.get("see")))
    if is_new:
        raise CannotStart(CHANGED)
    if letter_of(operation.params) is None:
        raise CannotStart("Write the mail first, and see it as its readers will.")
    if not split_of(operation, kind).will:
        raise CannotStart("There is nobody to mail: see below why.")
    process(request, operation)
    return None


def _at(operation: Operation, person: int) -> HttpResponse:
    """The page of the mailing, at the preview of a person."""
    query = {"person": person} if person else {}
    return redirect(reverse("operation-detail", args=[operation.pk], query=query, fragment="preview"))


def _take_text(request: StaffRequest, operation: Operation) -> bool:
    """Have the text of the form checked, or that of a template; False where it is the one that was seen.

    Raises CannotStart.
    """
    if chosen := request.POST.get("template", ""):
        template = _template(request.member, chosen)
        subject, body = template.subject, template.body
    elif SUBJECT in request.POST and BODY in request.POST:
        subject, body = request.POST[SUBJECT], request.POST[BODY]
    else:
        raise CannotStart("The text of the mail did not come with it: look at it on this page, then send.")
    told = {
        SUBJECT: one_line(subject, limit=LONGEST_SUBJECT * 2),
        BODY: body.replace("\r\n", "\n").replace("\r", "\n")[: LONGEST_TEXT * 2],
    }
    if all(operation.params.get(name, "") == text for name, text in told.items()):
        return False
    few = bool(operation.params.get(TOLD_ON_PAGE))
    operations.check_anew(
        operation=operation, member=request.member, params=told, now=timezone.now(), defer=not few
    )
    operation.refresh_from_db()
    if few:
        carry_on(operation)
    return True


def _template(member: Membership, chosen: str) -> MailTemplate:
    found = templates_of(member).filter(pk=row_number(chosen)).first()
    if found is None:
        raise CannotStart("That template is not there any more: choose another one.")
    return found


@require_POST
@needs(Permission.SEND_MAIL)
def send_test(request: StaffRequest, operation_id: Any) -> HttpResponse:
    """Send the mail of one person of the selection to oneself, as that person would get it."""
    operation, kind = action_of(request, operation_id)
    if not isinstance(kind, SendEmail):
        raise Http404
    person = row_number(request.POST.get("person"))
    try:
        if _take_text(request, operation):
            raise CannotStart(CHANGED)
    except CannotStart as reason:
        messages.error(request, str(reason))
        return _at(operation, person)
    letter = letter_of(operation.params)
    shown = _shown(operation, letter, request.member, person) if letter else None
    if shown is None:
        messages.error(request, "There is nothing to send yet: write the mail first.")
    else:
        _send_test(request.member, operation, shown)
        address = request.member.user.email
        messages.success(request, f"A test, as {shown.name} would get it, is on its way to {address}.")
    return _at(operation, person)


def _send_test(member: Membership, operation: Operation, shown: Shown) -> None:
    organization = member.organization
    mail = framed(shown.text, organization=organization.name, url=url_of_test(organization.pk))
    queue_email(
        organization_id=organization.pk,
        kind=TEST,
        to=member.user.email,
        subject=f"[Test] {shown.subject}",
        text=mail.text,
        html=mail.html,
        from_name=organization.name,
        reply_to=member.user.email,
        operation_id=operation.pk,
        occasion=timezone.now().isoformat(),
    )
