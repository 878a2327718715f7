"""The list of states with how much is known of each, and the page of one."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.carriers.state_rules import own_values, rulebook_of
from muster.console.rules import listing
from muster.console.rules.address import chips, selection_of
from muster.console.rules.state import own_values_of, topics_of
from muster.console.rules.words import LOOKS, TOPIC_LABELS
from muster.core.words import states


@require_safe
@needs(Permission.READ)
def state_list(request: StaffRequest) -> HttpResponse:
    """Every state, and what is known and unknown of it."""
    selection, today = selection_of(request.GET), timezone.localdate()
    book = rulebook_of(request.member.organization_id)
    rows = listing.state_rows(book, today)
    return render(
        request,
        "rules/list.html",
        {
            "rows": listing.matching(rows, selection),
            "total": len(rows),
            "all_keys": listing.ALL_KEYS,
            "selection": selection,
            "chips": chips(selection),
            "unknowns": _by_topic(listing.unknowns(rows)),
            "with_own": sum(row.own > 0 for row in rows),
            "map": listing.map_of(rows, book, selection.unknown, today),
            "version": book.short_version,
        },
    )


def _by_topic(unknowns: list[listing.Unknown]) -> dict[str, list[listing.Unknown]]:
    return {
        label: [one for one in unknowns if one.value.startswith(f"{topic}.")]
        for topic, label in TOPIC_LABELS.items()
    }


@require_safe
@needs(Permission.READ)
def state_rules(request: StaffRequest, code: str) -> HttpResponse:
    """All that is known of a state, who says so, and what the organization says otherwise."""
    state, today = known_state(code), timezone.localdate()
    book = rulebook_of(request.member.organization_id)
    topics = topics_of(book, state, today)
    return render(
        request,
        "rules/state.html",
        {
            "code": state,
            "name": states()[state],
            "topics": topics,
            "known": sum(topic.known for topic in topics),
            "all_keys": listing.ALL_KEYS,
            "own": own_values_of(own_values(request.member, state=state), topics, today),
            "looks": LOOKS.values(),
            "version": book.short_version,
            "may_set": request.member.may(Permission.MANAGE_CARRIERS),
        },
    )


def known_state(code: str) -> str:
    """The state of that code, in whatever case. Raises Http404."""
    if code.upper() not in states():
        raise Http404
    return code.upper()
