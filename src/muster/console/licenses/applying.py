"""Applying for a license of one producer: a state, its lines, who pays, and what it is likely to cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.licenses.renewing import estimate_told
from muster.core.counting import counted
from muster.core.eligibility import Person
from muster.core.licensing import PAYER_LABELS, Estimate, Line, estimate_license
from muster.core.lines import KnownLine, folded, known_lines
from muster.core.transactions import number_told
from muster.core.words import states
from muster.licenses.payment import payment_of
from muster.producers.models import Producer
from muster.producers.queries import visible_producers
from muster.transactions.ending_batches import Author
from muster.transactions.facts import homes_of, people_of
from muster.transactions.license_judging import classes_in_force, lines_held
from muster.transactions.licensing import Wish, request_licenses
from muster.transactions.terms import Setup, license_setup_of


class Choice(NamedTuple):
    """A line; `told` is what its box sends. One that is `held` on a license in force cannot be chosen."""

    told: str
    line: KnownLine
    on: bool
    held: bool


class ClassChoices(NamedTuple):
    """The lines of a class of license."""

    name: str
    choices: tuple[Choice, ...]


def apply_url(npn: str, *, state: str = "", categories: Sequence[str] = ()) -> str:
    """The page for a producer, with the state, and the lines of these categories, chosen."""
    asked = QueryDict(mutable=True)
    asked.update({"state": state} if state else {})
    asked.setlist("category", list(categories))
    query = asked.urlencode()
    return reverse("producer-apply", args=[npn]) + (f"?{query}" if query else "")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.PREPARE_FILINGS)
def apply(request: StaffRequest, npn: str) -> HttpResponse:
    """Choose state and lines, see what they cost, and make the application."""
    producer = get_object_or_404(visible_producers(request.member), npn=npn)
    asked = request.POST if request.method == "POST" else request.GET
    state = asked.get("state", "")
    state = state if state in states() else ""
    person = people_of([producer.pk], states=[state], cocodes=())[producer.pk]
    classes = _classes(state, asked, _held_in(person, state))
    lines = tuple(_line(choice.line) for of in classes for choice in of.choices if choice.on)
    payment = payment_of(producer)
    paid_by = asked.get("paid_by", payment.new_paid_by)
    paid_by = paid_by if paid_by in PAYER_LABELS else ""
    fault = ""
    if request.method == "POST":
        if lines:
            return _request(request, producer, Wish(producer.pk, state, lines, paid_by))
        fault = "Choose at least one line of authority." if state else "Choose a state."
    setup = license_setup_of(request.member.organization_id, today=timezone.localdate())
    estimate = _estimate(setup, producer, person, state, lines)
    return render(
        request,
        "licenses/apply.html",
        {
            "producer": producer,
            "state": state,
            "state_name": states().get(state, ""),
            "states": states(),
            "classes": classes,
            "payers": PAYER_LABELS,
            "paid_by": paid_by,
            "estimate": estimate,
            "told": estimate_told(estimate) if lines else "",
            "fault": fault,
        },
        status=422 if fault else 200,
    )


def _request(request: StaffRequest, producer: Producer, wish: Wish) -> HttpResponse:
    now = timezone.now()
    with transaction.atomic():
        setup = license_setup_of(request.member.organization_id, today=timezone.localdate(now))
        [became] = request_licenses(setup, [wish], Author(None, request.member.user_id), now)
    page = reverse("producer-detail", args=[producer.npn])
    if not became.numbers:
        why = (
            f"An application for that license is open: {number_told(became.open[0])}."
            if became.open
            else "The producer holds these lines on a license that is in force."
        )
        messages.info(request, f"Nothing was made. {why}")
        return redirect(f"{page}#filings")
    made = counted(len(became.numbers), "transaction,transactions")
    messages.success(request, f"{made} made, ready to submit.")
    if len(became.numbers) == 1:
        return redirect("transaction-detail", became.numbers[0])
    return redirect(f"{page}#filings")


def _held_in(person: Person, state: str) -> Callable[[str], frozenset[str]]:
    """The lines that the producer holds in the state on good licenses of a class, by its code."""
    today = timezone.localdate()

    def held(class_code: str) -> frozenset[str]:
        return lines_held(person.licenses, state=state, class_code=class_code, today=today)

    return held


def _classes(state: str, asked: QueryDict, held_in: Callable[[str], frozenset[str]]) -> list[ClassChoices]:
    told, wanted = set(asked.getlist("line")), set(asked.getlist("category"))
    by_class: dict[tuple[bool, str], list[Choice]] = {}
    for line in known_lines():
        if line.state == state:
            key = f"{line.class_code}|{line.code}|{line.name}"
            held = folded(line.name) in held_in(line.class_code)
            wants = line.is_general and not told and bool(wanted & set(line.categories))
            on = not held and (key in told or wants)
            of = (not line.is_general, line.class_name)
            by_class.setdefault(of, []).append(Choice(key, line, on, held))
    # Those of the license that producers commonly hold come first.
    return [ClassChoices(name, tuple(choices)) for (_, name), choices in sorted(by_class.items())]


def _line(known: KnownLine) -> Line:
    return Line(known.name, known.code, known.class_code, known.class_name)


def _estimate(
    setup: Setup, producer: Producer, person: Person, state: str, lines: Sequence[Line]
) -> Estimate:
    if not lines:
        return Estimate(())
    home = homes_of([producer.pk], today=setup.today)[producer.pk]
    return estimate_license(
        setup.book,
        state=state,
        residency="resident" if state in home.states else "nonresident",
        home_state=next(iter(home.states)) if len(home.states) == 1 else "",
        entity="agency" if home.is_firm else "individual",
        lines=lines,
        on=setup.today,
        registry_fee=setup.settings.registry_fee,
        held=classes_in_force(person.licenses, state=state, today=setup.today),
    )
