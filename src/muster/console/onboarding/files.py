"""How a file of producers stands, in the words and numbers of its pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.causes import causes
from muster.bulk.models import Operation, OperationState
from muster.bulk.states import UNDER_WAY
from muster.console.imports.mending import cards
from muster.console.imports.pace import moving
from muster.console.imports.uploading import upload_control
from muster.core.findings import fix, sentence
from muster.core.licensing import PAYER_LABELS
from muster.core.onboarding import GENDERS, DraftStatus
from muster.core.onboarding_facts import full_name
from muster.imports.producer import ProducerUpload
from muster.imports.watching import cost_of_new
from muster.onboarding.many import is_retrieving, onboardings_of
from muster.onboarding.mending import findings_of, said_by
from muster.onboarding.models import Draft
from muster.onboarding.retrieving import counts_of, still_asked
from muster.registry.models import RegistryPause

D, S = DraftStatus, OperationState
PAGE = 50


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a row, and what to do."""

    text: str
    fix: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file as it stands."""

    draft: Draft
    name: str
    said: dict[str, str]
    troubles: list[Trouble]

    @property
    def has_own_payment(self) -> bool:
        """Whether something else than for all was chosen."""
        return bool(self.draft.new_paid_by)


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of rows; `after` leads to those that follow."""

    lines: list[Line]
    after: int | None


def upload_context(*, replaces: Operation | None = None) -> dict[str, Any]:
    """What the form takes by which a file is chosen."""
    return upload_control(ProducerUpload(), replaces=replaces) | {"url": reverse("bulk-onboard")}


def uploads_of(member: Membership) -> Any:
    """The files of producers that the member may go on with, the last one first."""
    found = Operation.objects.visible_to(member, Permission.IMPORT).filter(kind=ProducerUpload.name)
    return found.order_by("-created_at", "id")


def is_held(upload: Operation, counts: dict[str, int]) -> bool:
    """Whether the file is read, or some of its producers wait for their first answer.

    Those who were asked for in vain hold nobody up: they come later, by themselves.
    """
    if not is_retrieving(upload, counts):
        return False
    return upload.state in UNDER_WAY or bool(still_asked(upload.pk)[0])


def state_told(upload: Operation, counts: dict[str, int]) -> tuple[str, str]:
    """Where a file is, in words, and the color of it."""
    if upload.state in (S.BLOCKED, S.CANCELED, S.STALLED) and not counts:
        return upload.get_state_display(), "red"
    if is_held(upload, counts):
        return "Retrieving Report", "blue"
    if upload.state == S.READY:
        return "Waits to be processed", "yellow"
    if counts.get(D.READY):
        return "Ready to onboard", "yellow"
    if waiting_in(counts):
        return "Retrieving Report", "blue"
    if counts.get(D.FAILED):
        return "Some rows failed", "orange"
    return ("Onboarded", "green") if counts.get(D.ONBOARDED) else ("Nothing to onboard", "secondary")


def history(member: Membership) -> list[dict[str, Any]]:
    """The files that were uploaded last."""
    found = []
    for upload in uploads_of(member).select_related("by")[:20]:
        counts = counts_of(upload.pk)
        words, color = state_told(upload, counts)
        found.append({"upload": upload, "counts": counts, "words": words, "color": color})
    return found


def context_of(
    upload: Operation,
    member: Membership,
    *,
    ready_after: int = 0,
    failed_after: int = 0,
    goes_ahead: bool = False,
) -> dict[str, Any]:
    """All that the page of a file shows; `goes_ahead`: with whom there is, while the rest is asked for."""
    counts = counts_of(upload.pk)
    context: dict[str, Any] = {"upload": upload, "counts": counts}
    if is_held(upload, counts) and not (goes_ahead and may_go_ahead(upload, counts)):
        return context | {"stage": "retrieving"} | progress_of(upload, counts)
    context |= {"form": upload_context(replaces=upload)}
    if not counts and upload.state != S.READY and upload.state not in (S.DONE, S.DONE_WITH_FAILURES):
        context |= {"stage": "unread", "words": upload.get_state_display()}
        return context | {"cards": cards(upload, member, causes(upload))}
    if upload.state == S.READY:
        return context | {"stage": "waits"}
    return context | {
        "stage": "review",
        "total": sum(counts.values()) - counts.get(D.DISCARDED, 0),
        "ready": lines_of(upload, D.READY, after=ready_after),
        "failed": lines_of(upload, D.FAILED, after=failed_after),
        "genders": GENDERS,
        **waiting_context(upload, counts),
        "onboardings": [
            {"operation": one, "is_under_way": one.state in UNDER_WAY} for one in onboardings_of(upload)
        ],
    }


def progress_of(upload: Operation, counts: dict[str, int]) -> dict[str, Any]:
    """How far the look-up has come: rows that are done of all that the file has."""
    waiting = waiting_in(counts)
    total = sum(counts.values()) - counts.get(D.DISCARDED, 0)
    reading = upload.state in UNDER_WAY
    pause = RegistryPause.objects.filter(until__gt=timezone.now()).first()
    return {
        "reading": reading,
        "moving": moving(upload, now=timezone.now()) if reading else None,
        "total": total,
        "done": total - waiting,
        "percent": None if reading or not total else (total - waiting) * 100 // total,
        "pause": pause,
        "may_go_ahead": may_go_ahead(upload, counts),
    }


def waiting_in(counts: dict[str, int]) -> int:
    """How many producers of a file the registry is asked for."""
    return counts.get(D.IDENTIFIED, 0) + counts.get(D.RETRIEVING, 0)


def may_go_ahead(upload: Operation, counts: dict[str, int]) -> bool:
    """Whether there is something to do while the rest is asked for."""
    return upload.state not in UNDER_WAY and bool(counts.get(D.READY) or counts.get(D.FAILED))


def waiting_context(upload: Operation, counts: dict[str, int], *, seen: int | None = None) -> dict[str, Any]:
    """Who is still asked for, and why; `seen`: how many there were when the page was made."""
    waiting = waiting_in(counts)
    first, again = still_asked(upload.pk) if waiting else (0, [])
    seen = waiting if seen is None else seen
    return {
        "waiting": waiting,
        "first": first,
        "again": again,
        "seen": seen,
        "have_come": max(0, seen - waiting),
        "pause": RegistryPause.objects.filter(until__gt=timezone.now()).first() if waiting else None,
    }


def payment_context(upload: Operation, *, after: int = 0) -> dict[str, Any]:
    """What the page of payment details shows."""
    counts = counts_of(upload.pk)
    return {
        "upload": upload,
        "counts": counts,
        "ready": lines_of(upload, D.READY, after=after),
        "payers": PAYER_LABELS,
        "alerts_cost": cost_of_new(counts.get(D.READY, 0)),
    }


def lines_of(upload: Operation, status: DraftStatus, *, after: int) -> Lines:
    """The rows of the file in a status, in the order of the file."""
    drafts = Draft.objects.filter(operation=upload, status=status, row_no__gt=after).order_by("row_no")
    found = list(drafts.defer("ssn_sealed", "ssn_index")[: PAGE + 1])
    shown = found[:PAGE]
    return Lines([line_of(one) for one in shown], shown[-1].row_no if len(found) > PAGE else None)


def line_of(draft: Draft) -> Line:
    """One row as it stands."""
    return Line(draft, full_name(draft.facts) or draft.last_name, said_by(draft), list(_troubles(draft)))


def _troubles(draft: Draft) -> Iterable[Trouble]:
    for one in findings_of(draft):
        yield Trouble(
            sentence(one.code, field=one.field, value=one.value, params=one.params),
            fix(one.code, field=one.field, value=one.value, params=one.params),
        )
